import { roundUp, type Target } from "../../engine/mod.ts";
import type { Gemma3Config } from "../../model/config/mod.ts";
import { positionChunks, widestActivation } from "../../model/gemma3/mod.ts";
import { requireRowsFit } from "../../train/rows_fit.ts";

/** What one Program takes at most. */
export interface Limits {
  /** Columns of a packed row. */
  readonly columns: number;
  /** Queries of all stretches together, padding included. */
  readonly queries: number;
  /** Keys of all stretches together, padding included. */
  readonly keys: number;
  /** Positions that are projected to the vocabulary at once. */
  readonly rows: number;
}

/** More tokens in a row make no product faster and longer waits until the next sign of life. */
const COLUMNS = 2048;
/** As many rows of logits fill every device where the vocabulary is small. */
const ROWS = 1024;

/**
 * Limits for a model, by what a binding of the device covers.
 *
 * @param longest tokens of the longest sequence, which has to stand in one row
 * @throws {DeviceError} where it cannot
 */
export function limitsOf(
  config: Gemma3Config,
  { maxBinding }: Pick<Target, "maxBinding">,
  longest: number,
): Limits {
  const least = sizeFor(longest, PRODUCT_STEPS);
  requireRowsFit({ maxBinding }, config, { B: 1, T: least }, "the length of the contexts");
  const { numAttentionHeads, numKeyValueHeads, headDim, vocabSize } = config, floats = maxBinding / 4;
  return {
    columns: Math.max(least, Math.min(COLUMNS, Math.floor(floats / widestActivation(config)))),
    queries: Math.floor(floats / (numAttentionHeads * headDim)),
    keys: Math.floor(floats / (numKeyValueHeads * headDim)),
    rows: positionChunks(ROWS, vocabSize, null, maxBinding)[0]![1],
  };
}

/**
 * The sizes that Programs have, so that few of them are ever recorded: in each octave (above a power of two, up to the next)
 * a few, evenly spaced.
 *
 * @param steps sizes an octave; two serve where padding costs next to nothing
 * @returns the smallest that holds `count`
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { sizeFor } from "./limits.ts";
 *
 * assert.deepEqual([1, 3, 5, 7, 9, 13, 17].map((count) => sizeFor(count)), [1, 3, 6, 8, 12, 16, 24]);
 * assert.deepEqual([9, 33, 1750].map((count) => sizeFor(count, 8)), [9, 36, 1792]);
 * ```
 */
export function sizeFor(count: number, steps = 2): number {
  const power = 2 ** Math.ceil(Math.log2(Math.max(1, count)));
  return roundUp(Math.max(1, count), Math.max(1, power / 2 / steps));
}

/** Sizes an octave of what the products take: columns, and rows of logits. */
export const PRODUCT_STEPS = 8;
