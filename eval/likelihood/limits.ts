import type { Target } from "../../engine/mod.ts";
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
  requireRowsFit({ maxBinding }, config, { B: 1, T: sizeFor(longest) }, "the length of the contexts");
  const { numAttentionHeads, numKeyValueHeads, headDim, vocabSize } = config, floats = maxBinding / 4;
  return {
    columns: Math.max(sizeFor(longest), sizeBelow(Math.min(COLUMNS, floats / widestActivation(config)))),
    queries: Math.floor(floats / (numAttentionHeads * headDim)),
    keys: Math.floor(floats / (numKeyValueHeads * headDim)),
    rows: sizeBelow(positionChunks(ROWS, vocabSize, null, maxBinding)[0]![1]),
  };
}

/**
 * The sizes that Programs have, so that few of them are ever compiled: powers of two and three quarters of them.
 *
 * @returns the smallest that holds `count`
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { sizeFor } from "./limits.ts";
 *
 * assert.deepEqual([1, 3, 5, 7, 9, 13, 17].map(sizeFor), [1, 3, 6, 8, 12, 16, 24]);
 * ```
 */
export function sizeFor(count: number): number {
  const power = 2 ** Math.ceil(Math.log2(Math.max(1, count)));
  return power >= 4 && count <= 0.75 * power ? 0.75 * power : power;
}

/** The largest size of {@link sizeFor} that is at most `count`. */
function sizeBelow(count: number): number {
  const power = 2 ** Math.floor(Math.log2(count));
  return power >= 2 && count >= 1.5 * power ? 1.5 * power : power;
}
