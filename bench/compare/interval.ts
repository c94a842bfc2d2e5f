import { createRandom } from "../../engine/mod.ts";

/** A ratio with the ends of its 95 % interval; they are the ratio itself where nothing is known of its spread. */
export interface Interval {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/** What one run measured of a thing: how many samples there were, and some of them in ascending order. */
export interface Run {
  readonly n: number;
  readonly samples: readonly number[];
}

/** Times that the medians are drawn again. */
const DRAWS = 2000;
const COVERED = 0.95;

/**
 * The ratio of medians, B to A, with a bootstrap interval on two levels: runs are drawn with replacement, and of each
 * drawn run a median that another sample of the same size could have had. With one run a side the interval knows the
 * noise within the run only, not the drift of the machine between two.
 *
 * Seeded: the same results always give the same interval.
 *
 * @param a runs of the first version, each as parts whose medians add up (the kernels of one op)
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ratioOfMedians } from "./interval.ts";
 * const a = [[{ n: 5, samples: [9, 10, 10, 10, 11] }]], b = [[{ n: 5, samples: [19, 20, 20, 20, 21] }]];
 * const { ratio, low, high } = ratioOfMedians(a, b);
 * assert.equal(ratio, 2);
 * assert.ok(low > 1.8 && high < 2.3);
 * ```
 */
export function ratioOfMedians(a: readonly (readonly Run[])[], b: readonly (readonly Run[])[]): Interval {
  const random = createRandom(1);
  const drawn = (runs: readonly (readonly Run[])[]) =>
    median(runs.map(() => {
      const parts = runs[random.integer(runs.length)]!;
      return parts.reduce((sum, part) => sum + quantile(part.samples, drawPlace(part.n)), 0);
    }));
  // The median of n samples stands where the middle of n uniform numbers stands: Beta((n+1)/2, (n+1)/2), whose mean is 1/2
  // and whose variance is 1 / (4 (n + 2)).
  const drawPlace = (n: number) => Math.min(1, Math.max(0, 0.5 + random.normal() / (2 * Math.sqrt(n + 2))));
  const ratios = Array.from({ length: DRAWS }, () => drawn(b) / drawn(a)).sort((x, y) => x - y);
  const middle = (runs: readonly (readonly Run[])[]) =>
    median(runs.map((parts) => parts.reduce((sum, { samples }) => sum + quantile(samples, 0.5), 0)));
  return {
    ratio: middle(b) / middle(a),
    low: quantile(ratios, (1 - COVERED) / 2),
    high: quantile(ratios, (1 + COVERED) / 2),
  };
}

/** Value at a share of a sorted list, between two of its values in a straight line. */
export function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1), below = Math.floor(at), above = Math.ceil(at);
  return sorted[below]! + (at - below) * (sorted[above]! - sorted[below]!);
}

const median = (values: readonly number[]) => quantile(values.toSorted((x, y) => x - y), 0.5);
