import { createRandom } from "../../engine/mod.ts";

/** Lower and upper end of a 95 % interval. */
export type Interval = readonly [low: number, high: number];

/** A figure with what is known of its uncertainty. */
export interface Estimate {
  readonly value: number;
  /** Null where the items say nothing of their spread: fewer than two, or the figure has no value on some samples. */
  readonly interval: Interval | null;
}

/** Samples that are drawn: the ends of an interval then move by some hundredths of its width from seed to seed. */
const DRAWS = 2000;
const COVERED = 0.95;

/**
 * Figures of items, each with the interval that its middle 95 % cover when the items are drawn again with replacement
 * (percentile bootstrap; Efron, "Bootstrap methods: another look at the jackknife", 1979). All figures see the same
 * draws, so a figure of several models is paired by item.
 *
 * Percentiles rather than BCa: they give a figure and its logarithm the same interval, stay inside the values that the
 * figure can take, and need no jackknife, which divides by zero where all items but one agree. For means over some
 * dozens of items both agree; over five, neither tells anything, and {@link plainSentence} says so.
 *
 * Seeded: the same items always give the same intervals.
 *
 * @param sizes items in each group; a group, such as a task, is drawn again for itself and keeps its size
 * @param figures computes the figures from the items drawn, as places in each group
 *
 * @example The mean of four items
 * ```ts
 * import assert from "node:assert/strict";
 * import { bootstrap, meanOver } from "./bootstrap.ts";
 *
 * const items = [1, 0, 1, 1];
 * const [share] = bootstrap([items.length], ([drawn]) => [meanOver(items, drawn!)]);
 * assert.deepEqual(share, { value: 0.75, interval: [0.25, 1] });
 * ```
 */
export function bootstrap(
  sizes: readonly number[],
  figures: (drawn: readonly Uint32Array[]) => readonly number[],
  { draws = DRAWS, seed = 1 }: { readonly draws?: number; readonly seed?: number } = {},
): Estimate[] {
  const random = createRandom(seed);
  const values = figures(sizes.map((size) => Uint32Array.from({ length: size }, (_, i) => i)));
  const samples = values.map(() => new Float64Array(draws)),
    drawn = sizes.map((size) => new Uint32Array(size));
  const isKnown = sizes.every((size) => size > 1);
  for (let draw = 0; isKnown && draw < draws; draw++) {
    for (const places of drawn) {
      for (let i = 0; i < places.length; i++) places[i] = random.integer(places.length);
    }
    figures(drawn).forEach((value, f) => samples[f]![draw] = value);
  }
  return values.map((value, f) => ({ value, interval: isKnown ? intervalOf(samples[f]!) : null }));
}

function intervalOf(samples: Float64Array): Interval | null {
  if (!samples.every(Number.isFinite)) return null;
  samples.sort();
  return [quantile(samples, (1 - COVERED) / 2), quantile(samples, (1 + COVERED) / 2)];
}

/** Value at a share of sorted values, in a straight line between two of them. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1), below = Math.floor(at);
  const low = sorted[below]!, high = sorted[Math.ceil(at)]!;
  return low + (at - below) * (high - low);
}

/** Mean of the values at these places. */
export function meanOver(values: ArrayLike<number>, places: Uint32Array): number {
  return sumOver(values, places) / places.length;
}

/** Sum of the values at these places. */
export function sumOver(values: ArrayLike<number>, places: Uint32Array): number {
  let sum = 0;
  for (let i = 0; i < places.length; i++) sum += values[places[i]!]!;
  return sum;
}
