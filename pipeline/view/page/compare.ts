/** What a kernel wrote here beside what was recorded. */
import type { Values } from "./data.ts";
import { asNumbers } from "./heat.ts";

/** How two arrays differ. */
export interface Difference {
  readonly count: number;
  /** Elements that are equal to the bit. */
  readonly equal: number;
  /** The largest difference, as a share of the largest magnitude that was recorded; NaN where one side is not finite. */
  readonly relative: number;
  /** Where that is. */
  readonly worst: number;
}

/** Compares element by element; not a number on one side only counts as infinitely far. */
export function compare(got: Values, recorded: Values): Difference {
  const a = asNumbers(got), b = asNumbers(recorded), bits = (values: Values) => new Uint8Array(values.buffer);
  const [x, y] = [bits(got), bits(recorded)], width = got.BYTES_PER_ELEMENT;
  let equal = 0, most = 0, worst = 0, largest = 0;
  for (let i = 0; i < b.length; i++) {
    let same = true;
    for (let k = 0; k < width; k++) same &&= x[i * width + k] === y[i * width + k];
    if (same) equal++;
    if (Number.isFinite(b[i]!)) largest = Math.max(largest, Math.abs(b[i]!));
    const difference = same ? 0 : Math.abs(a[i]! - b[i]!),
      apart = Number.isNaN(difference) ? Infinity : difference;
    if (apart > most) [most, worst] = [apart, i];
  }
  return { count: b.length, equal, relative: most === 0 ? 0 : most / (largest || 1), worst };
}
