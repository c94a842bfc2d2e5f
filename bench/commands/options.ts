import { InvalidArgumentError } from "@commander-js/extra-typings";

/** Where output goes: results to `stdout`, everything else to `stderr`. */
export interface Streams {
  stdout(text: string): void;
  stderr(text: string): void;
}

/** Exit codes of `bench`; 2 is for bad usage, 3 for no adapter. */
export const OK = 0, FAILED = 1, USAGE = 2;

/** Name of a file in bench/results, without its ending. */
export function fileName(text: string): string {
  if (/^\w[\w.-]*$/.test(text)) return text;
  throw new InvalidArgumentError("It must be of letters, digits, dots, dashes and underscores.");
}

/** A finite number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("It must be a number above 0.");
}

/** A whole number of at least 1. */
export function count(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError("It must be a whole number of 1 or more.");
}
