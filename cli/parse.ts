/** Arguments of flags, from text. The messages complete commander's "... argument value 'x' is invalid." */
import { InvalidArgumentError } from "@commander-js/extra-typings";

/**
 * A parser of whole numbers of at least `least`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { wholeNumber } from "./parse.ts";
 *
 * assert.equal(wholeNumber(1)("12"), 12);
 * assert.throws(() => wholeNumber(1)("0"));
 * ```
 */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`Give a whole number of ${least} or more.`);
  };
}

/** A finite number; limits are checked where it is used. */
export function number(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("Give a number, such as 0.7.");
}

/**
 * Whole numbers from 0 with commas between: token ids, blocks, seeds.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseIds } from "./parse.ts";
 *
 * assert.deepEqual(parseIds("2,15,7"), [2, 15, 7]);
 * ```
 */
export function parseIds(text: string): number[] {
  return text.split(",").map((part) => {
    const id = Number(part);
    if (/^\s*\d+\s*$/.test(part) && id <= 0xffffffff) return id;
    throw new InvalidArgumentError("Give whole numbers with commas between, such as 2,15,7.");
  });
}

/** Numbers of blocks, each once: `9,8,14,16`. */
export function parseBlocks(text: string): number[] {
  const blocks = parseIds(text);
  if (new Set(blocks).size === blocks.length) return blocks;
  throw new InvalidArgumentError("Name each block once, such as 9,8,14,16.");
}

/** Collects the values of a flag that may be given again. */
export function collect(text: string, before: string[] | undefined): string[] {
  return [...before ?? [], text];
}
