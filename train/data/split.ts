/** Training and validation rows. */
import { UsageError } from "../../engine/mod.ts";
import { randperm } from "./mt19937.ts";

/** Two parts of a list. */
export interface Split<T> {
  readonly train: T[];
  readonly validation: T[];
}

/**
 * Splits as `random_split` of PyTorch with a generator of that seed: the first floor((1 - share) n) of a random permutation
 * train, in its order. A share of 0 leaves every item in its place.
 *
 * @throws UsageError where a share above 0 leaves one of the parts empty
 */
export function splitRows<T>(rows: readonly T[], share: number, seed: number): Split<T> {
  if (share === 0) return { train: [...rows], validation: [] };
  const count = Math.floor((1 - share) * rows.length);
  if (count === 0 || count === rows.length) {
    const empty = count === 0 ? "train on" : "validate on";
    throw new UsageError(
      `Cannot hold out data.validation=${share} of ${rows.length} rows: none is left to ${empty}; give more data or another share`,
    );
  }
  const order = randperm(rows.length, seed).map((i) => rows[i]!);
  return { train: order.slice(0, count), validation: order.slice(count) };
}
