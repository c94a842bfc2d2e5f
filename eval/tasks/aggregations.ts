/** One number of many, and its standard error, as lm-evaluation-harness computes them (lm_eval/api/metrics.py). */
import { mt19937 } from "../../train/data/mod.ts";
import { mean as meanOf, sampleDeviation, standardErrorOfMean } from "../statistics/mod.ts";

/** How the numbers of all items become one. */
export interface Aggregation {
  readonly name: string;
  readonly value: (values: readonly number[]) => number;
  /** Standard error of the value; null of one item alone. */
  readonly standardError: (values: readonly number[]) => number | null;
}

/** The mean, and s / sqrt(n). */
export const mean: Aggregation = {
  name: "mean",
  value: meanOf,
  standardError: standardErrorOfMean,
};

/** exp(-mean), and its spread over resamples. */
export const perplexity: Aggregation = {
  name: "perplexity",
  value: (values) => Math.exp(-meanOf(values)),
  standardError: (values) => values.length < 2 ? null : bootstrap(values, (mean) => Math.exp(-mean)),
};

/** lm-evaluation-harness's numbers of chunks, and of resamples in each. */
const CHUNKS = 100, CHUNK = 1000;

/**
 * Spread of a function of the mean over 100,000 resamples of the values. The resamples are those that Python draws:
 * `random.Random(chunk).choices(values, k=len(values))`, 1,000 times for each of 100 chunks.
 */
export function bootstrap(values: readonly number[], f: (mean: number) => number): number {
  const n = values.length, numbers = Float64Array.from(values);
  const results = new Float64Array(CHUNKS * CHUNK);
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    // Python seeds with the list of the seed's 32-bit words, and makes a double of 53 bits from two words.
    const word = mt19937([chunk]);
    for (let resample = 0; resample < CHUNK; resample++) {
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const high = word() >>> 5, low = word() >>> 6;
        sum += numbers[Math.floor((high * 2 ** 26 + low) / 2 ** 53 * n)]!;
      }
      results[chunk * CHUNK + resample] = f(sum / n);
    }
  }
  return sampleDeviation(results);
}
