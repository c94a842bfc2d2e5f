import { elementCount } from "../core/shape.ts";
import { part } from "../program/slices.ts";
import type { Tensor } from "../program/tensor.ts";

/** Elements that are looked at of a tensor; a longer one is sampled in {@link STRETCHES} stretches evenly apart. */
const SAMPLE = 4096, STRETCHES = 64;

/** The parts of a tensor that stand for all of it: itself where it is short. */
export function sampleOf(tensor: Tensor): Tensor[] {
  const count = elementCount(tensor.shape);
  if (count <= SAMPLE) return [tensor];
  const length = SAMPLE / STRETCHES;
  return Array.from({ length: STRETCHES }, (_, i) => {
    const start = Math.floor(i * (count - length) / (STRETCHES - 1));
    return part(tensor, { start, end: start + length });
  });
}

/** What a set of values looks like. NaN counts and takes no part in the rest. */
export interface ValueStatistics {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly nan: number;
}

/**
 * Least, greatest, mean (summed in f64) and the number of NaN.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { statisticsOf } from "./statistics.ts";
 * assert.deepEqual(statisticsOf([[1, NaN], [5]]), { count: 3, min: 1, max: 5, mean: 3, nan: 1 });
 * ```
 */
export function statisticsOf(pieces: readonly ArrayLike<number>[]): ValueStatistics {
  let count = 0, min = Infinity, max = -Infinity, sum = 0, nan = 0;
  for (const piece of pieces) {
    count += piece.length;
    for (let i = 0; i < piece.length; i++) {
      const value = piece[i]!;
      if (Number.isNaN(value)) {
        nan++;
        continue;
      }
      min = Math.min(min, value);
      max = Math.max(max, value);
      sum += value;
    }
  }
  return { count, min, max, mean: sum / (count - nan), nan };
}
