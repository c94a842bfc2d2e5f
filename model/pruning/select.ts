import { UsageError } from "../../engine/mod.ts";

/**
 * Indices by ascending value; of equals, the first comes first.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ascending } from "./select.ts";
 *
 * assert.deepEqual(ascending([0.3, 0.1, 0.3, 0]), [3, 1, 0, 2]);
 * ```
 */
export function ascending(scores: readonly number[]): number[] {
  return [...scores.keys()].sort((a, b) => scores[a]! - scores[b]!);
}

/**
 * The `count` least important blocks, the least important first.
 *
 * @param order blocks from the least to the most important
 * @throws {UsageError} when `count` would drop no block or all.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { leastImportant } from "./select.ts";
 *
 * assert.deepEqual(leastImportant([3, 1, 0, 2], 2), [3, 1]);
 * ```
 */
export function leastImportant(order: readonly number[], count: number): number[] {
  if (!Number.isInteger(count) || count < 1 || count >= order.length) {
    throw new UsageError(
      `Cannot drop ${count} of ${order.length} layers: one at least must go and one stay; ` +
        `choose 1 to ${order.length - 1}`,
    );
  }
  return order.slice(0, count);
}
