import assert from "node:assert/strict";

/**
 * Asserts |actual - expected| <= absolute + relative |expected| everywhere; a failure names how many differ, and the
 * worst place with both values.
 */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  what: string,
  relative = 1e-5,
  absolute = 1e-5,
): void {
  assert.equal(actual.length, expected.length, `${what}: lengths differ`);
  let worst = -1, excess = 0, count = 0;
  for (let i = 0; i < expected.length; i++) {
    const over = Math.abs(actual[i]! - expected[i]!) - absolute - relative * Math.abs(expected[i]!);
    if (over > 0 || Number.isNaN(over)) {
      count++;
      if (!(over <= excess)) [worst, excess] = [i, over];
    }
  }
  assert.equal(
    count,
    0,
    `${what}: ${count} of ${expected.length} differ, most at ${worst}: got ${actual[worst]}, expected ${
      expected[worst]
    }`,
  );
}

/** Largest |actual - expected|. */
export function maxDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(actual[i]! - expected[i]!));
  return largest;
}
