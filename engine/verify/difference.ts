/**
 * What is wrong where not |actual - expected| <= absolute + relative |expected| everywhere: how many differ, and the worst
 * place with both values. NaN differs from everything.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { difference } from "./difference.ts";
 * assert.equal(difference([1, 2.00001], [1, 2], 1e-5, 1e-5), undefined);
 * assert.equal(difference([1, 3], [1, 2], 1e-5, 1e-5), "1 of 2 differ, most at 1: got 3, expected 2");
 * ```
 */
export function difference(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  relative: number,
  absolute: number,
): string | undefined {
  if (actual.length !== expected.length) return `it has ${actual.length} elements for ${expected.length}`;
  let worst = -1, excess = 0, count = 0;
  for (let i = 0; i < expected.length; i++) {
    const over = Math.abs(actual[i]! - expected[i]!) - absolute - relative * Math.abs(expected[i]!);
    if (over > 0 || Number.isNaN(over)) {
      count++;
      if (!(over <= excess)) [worst, excess] = [i, over];
    }
  }
  return count === 0
    ? undefined
    : `${count} of ${expected.length} differ, most at ${worst}: got ${actual[worst]}, expected ${
      expected[worst]
    }`;
}
