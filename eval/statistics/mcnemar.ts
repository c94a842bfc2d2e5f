/** Items on which two models differ, and how likely so uneven a count is where neither is better. */
export interface McNemar {
  /** Items that the first alone has right. */
  readonly firstOnly: number;
  /** Items that the second alone has right. */
  readonly secondOnly: number;
  /** Two-sided, from 0 to 1. */
  readonly p: number;
}

/**
 * McNemar's exact test on items that are right (1) or wrong (0): of the items on which the models differ, each is as
 * likely to favour the one as the other where neither is better, so their split is a binomial with share 1/2.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { mcNemar } from "./mcnemar.ts";
 *
 * assert.deepEqual(mcNemar([1, 1, 1, 0], [0, 0, 1, 0]), { firstOnly: 2, secondOnly: 0, p: 0.5 });
 * ```
 */
export function mcNemar(first: readonly number[], second: readonly number[]): McNemar {
  let firstOnly = 0, secondOnly = 0;
  first.forEach((right, i) => {
    if (right > second[i]!) firstOnly++;
    if (right < second[i]!) secondOnly++;
  });
  return { firstOnly, secondOnly, p: splitProbability(firstOnly, secondOnly) };
}

/** Two-sided probability of a split at least as uneven as a : b, of a + b tosses of a fair coin. */
export function splitProbability(a: number, b: number): number {
  const n = a + b;
  // By logarithms: 2^-n underflows beyond a thousand items.
  let log = -n * Math.LN2, tail = Math.exp(log);
  for (let k = 1; k <= Math.min(a, b); k++) {
    log += Math.log((n - k + 1) / k);
    tail += Math.exp(log);
  }
  return Math.min(1, 2 * tail);
}
