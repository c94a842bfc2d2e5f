import { UsageError } from "../../engine/mod.ts";
import { type LayerType, layerTypesByPattern } from "../config/mod.ts";

/** `least[i][j]`: the smallest sum of scores dropped among the first i blocks when j of them stay. */
type LeastSums = readonly (readonly number[])[];

/**
 * The `count` blocks with the smallest sum of scores whose removal leaves every survivor at a place where Gemma 3's
 * pattern (every 6th block full) has the survivor's own attention type. Runtimes that know only that pattern then
 * compute the model as it is. Of equal sums, the blocks that come first go.
 *
 * The search is exact, over all subsets at once: block i may stay as survivor j only where its type is the pattern's at
 * j, so the best of the first i blocks with j survivors follows from the first i - 1 (L x (L - count) steps).
 *
 * @param scores importance of each block
 * @param layerTypes attention type of each block
 * @returns the blocks, the least important first
 * @throws {UsageError} when no choice of `count` blocks does; the message names the counts for which there is one.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { layerTypesByPattern } from "../config/mod.ts";
 * import { leastImportantKeepingPattern } from "./keep_pattern.ts";
 *
 * // Blocks 5, 11 and 17 of 18 are full: 0 to 11 must stay, and of 12 to 16 two.
 * const scores = Array.from({ length: 18 }, (_, block) => block === 9 ? 0 : 1 + block % 3);
 * assert.deepEqual(leastImportantKeepingPattern(scores, layerTypesByPattern(18), 4), [12, 15, 13, 17]);
 * ```
 */
export function leastImportantKeepingPattern(
  scores: readonly number[],
  layerTypes: readonly LayerType[],
  count: number,
): number[] {
  const left = scores.length - count, pattern = layerTypesByPattern(left);
  const least = leastSums(scores, layerTypes, pattern);
  if (!Number.isFinite(least.at(-1)![left]!)) throw impossible(layerTypes, count);
  const dropped: number[] = [];
  for (let i = scores.length, j = left; i > 0; i--) {
    const stays = j > 0 && layerTypes[i - 1] === pattern[j - 1] && least[i]![j] === least[i - 1]![j - 1];
    if (stays) j--;
    else dropped.push(i - 1);
  }
  return dropped.sort((a, b) => scores[a]! - scores[b]! || a - b);
}

function leastSums(
  scores: readonly number[],
  layerTypes: readonly LayerType[],
  pattern: readonly LayerType[],
): LeastSums {
  const rows = [pattern.map(() => Infinity)];
  rows[0]!.unshift(0);
  scores.forEach((score, i) => {
    const before = rows[i]!;
    rows.push(before.map((sum, j) => {
      const staying = j > 0 && layerTypes[i] === pattern[j - 1] ? before[j - 1]! : Infinity;
      return Math.min(staying, sum + score);
    }));
  });
  return rows;
}

function impossible(layerTypes: readonly LayerType[], count: number): UsageError {
  const blocks = layerTypes.length, zeros = layerTypes.map(() => 0);
  const counts = Array.from({ length: blocks - 1 }, (_, i) => i + 1).filter((drop) =>
    Number.isFinite(leastSums(zeros, layerTypes, layerTypesByPattern(blocks - drop)).at(-1)![blocks - drop]!)
  );
  const advice = counts.length === 0 ? "none can be removed so" : `remove ${counts.join(", ")} of them`;
  return new UsageError(
    `Cannot remove ${count} of ${blocks} blocks and keep Gemma 3's pattern (every 6th block full): whichever go, a block ` +
      `comes to a place of the other type; ${advice}, or do without keep_pattern`,
  );
}
