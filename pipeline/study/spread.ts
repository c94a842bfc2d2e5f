/** What seeds say of a figure: its mean, its spread, and where its mean over all seeds would lie. */
import { type Interval, mean, sampleDeviation, standardErrorOfMean } from "../../eval/statistics/mod.ts";

/** A figure over seeds. */
export interface Spread {
  readonly mean: number;
  /** Standard deviation over the seeds (n - 1); null of one seed. */
  readonly deviation: number | null;
}

/** Mean and standard deviation. */
export function spreadOf(values: readonly number[]): Spread {
  return { mean: mean(values), deviation: values.length < 2 ? null : sampleDeviation(values) };
}

/**
 * 95 % interval of the mean over all seeds, by Student's t: seeds are few, and their spread is estimated from them too.
 * Null of one seed.
 */
export function intervalOverSeeds(values: readonly number[]): Interval | null {
  const error = standardErrorOfMean(values), middle = mean(values);
  if (error === null) return null;
  const reach = studentT(values.length - 1) * error;
  return [middle - reach, middle + reach];
}

/** Student's t that 97.5 % lie below, for 1, 2, ... degrees of freedom. */
const STUDENT_T = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622];
/** The same of the normal distribution. */
const NORMAL = 1.959964;

/** Student's t that 97.5 % lie below: of the table, else by Fisher's expansion (off by at most 2e-4 there). */
export function studentT(degrees: number): number {
  const z = NORMAL,
    first = (z ** 3 + z) / 4,
    second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return STUDENT_T[degrees - 1] ?? z + first / degrees + second / degrees ** 2 + third / degrees ** 3;
}
