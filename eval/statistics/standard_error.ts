/** Standard errors as lm-evaluation-harness reports them: the sample's deviation over n - 1, and the root of n. */

/** Mean of the values. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Standard deviation of a sample, in the unit of the values: sqrt(Σ (x - mean)² / (n - 1)), for two values at least. */
export function sampleDeviation(values: ArrayLike<number>): number {
  const middle = mean(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - middle) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}

/**
 * Standard error of a mean: {@link sampleDeviation} / sqrt(n), in the unit of the values; null of fewer than two
 * values, which say nothing of their spread.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { standardErrorOfMean } from "./standard_error.ts";
 *
 * assert.equal(standardErrorOfMean([1, 3]), 1);
 * assert.equal(standardErrorOfMean([1]), null);
 * ```
 */
export function standardErrorOfMean(values: ArrayLike<number>): number | null {
  return values.length < 2 ? null : sampleDeviation(values) / Math.sqrt(values.length);
}

/**
 * Standard error of a share p of n items: sqrt(p (1 - p) / (n - 1)), what {@link standardErrorOfMean} gives of the items'
 * ones and zeros. For scores whose items are not known.
 *
 * @example Six answers of ten
 * ```ts
 * import assert from "node:assert/strict";
 * import { standardErrorOfProportion } from "./standard_error.ts";
 *
 * assert.equal(standardErrorOfProportion(0.6, 10)!.toFixed(4), "0.1633");
 * ```
 */
export function standardErrorOfProportion(share: number, n: number): number | null {
  return n < 2 ? null : Math.sqrt(Math.max(0, share * (1 - share)) / (n - 1));
}
