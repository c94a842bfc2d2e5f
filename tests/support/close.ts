import assert from "node:assert/strict";
import { difference } from "../../engine/mod.ts";

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
  const told = difference(actual, expected, relative, absolute);
  assert.equal(told, undefined, `${what}: ${told}`);
}

/** Largest |actual - expected|. */
export function maxDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(actual[i]! - expected[i]!));
  return largest;
}
