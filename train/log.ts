/** The log of a training run: one JSON object a line, one line an optimizer step, and one for each validation between. */
import { ioError } from "../model/files/mod.ts";

/** What one optimizer step did. */
export interface StepRecord {
  /** Counted from 1. */
  readonly step: number;
  /** Counted from 0. */
  readonly epoch: number;
  /** Values of the losses by name, before their weights, and `total` with them; nats per token. */
  readonly losses: Readonly<Record<string, number>> & { readonly total: number };
  /** Global L2 norm of the gradient before clipping. */
  readonly gradient_norm: number;
  readonly lr: number;
  /** Scored tokens of the step. */
  readonly tokens: number;
  /** Over the steps that were read back together. */
  readonly tokens_per_second: number;
  /** Device memory of the step's plan, in bytes. */
  readonly memory_bytes: number;
  /** Time from the start of training until the step's numbers were read back, in seconds. */
  readonly seconds: number;
}

/** What the student predicts of held-out rows between two steps. */
export interface Validation {
  readonly perplexity: number;
  readonly cross_entropy: number;
  /** Scored tokens. */
  readonly tokens: number;
}

/** A {@link Validation} in the log. */
export interface ValidationRecord {
  /** The step that it was measured after. */
  readonly step: number;
  readonly validation: Validation;
}

/** An open log; each record is on disk's way when `write` returns. */
export interface Log {
  write(record: StepRecord | ValidationRecord): void;
  /** All that it holds. */
  text(): string;
  close(): void;
}

/**
 * Begins a log with what an earlier part of the training has logged, in place of any file that is there.
 *
 * @throws DataError where the file cannot be written
 */
export function openLog(path: string, before = ""): Log {
  const file = attempt(path, () => Deno.openSync(path, { write: true, create: true, truncate: true }));
  const written: string[] = [];
  const write = (text: string) => {
    attempt(path, () => writeAll(file, new TextEncoder().encode(text)));
    written.push(text);
  };
  if (before !== "") write(before);
  return {
    write: (record) => write(formatRecord(record) + "\n"),
    text: () => written.join(""),
    close: () => file.close(),
  };
}

/**
 * A record as one line of JSON. NaN and the infinities, which JSON does not have, become strings.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatRecord } from "./log.ts";
 *
 * assert.equal(formatRecord({ lr: 1e-4, gradient_norm: NaN }), '{"lr":0.0001,"gradient_norm":"NaN"}');
 * ```
 */
export function formatRecord(record: Partial<StepRecord> | ValidationRecord): string {
  return JSON.stringify(
    record,
    (_, value) => typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw ioError("write", path, error);
  }
}
