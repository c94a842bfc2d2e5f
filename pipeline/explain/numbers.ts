/** Sums written out by hand, and comparisons with f64. */
import type { Compared } from "./stop.ts";

/**
 * At most six significant digits.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { short } from "./numbers.ts";
 * assert.equal(short(0.123456789), "0.123457");
 * assert.equal(short(-2), "-2");
 * ```
 */
export const short = (value: number): string => String(Number(value.toPrecision(6)));

/** `(-2)` where a sign would stand beside an operator. */
export const signed = (value: number): string => value < 0 ? `(${short(value)})` : short(value);

/** Terms of a sum that are written out. */
const SHOWN = 3;

/**
 * A sum of products, its first terms in full and the rest counted.
 *
 * @param device what the device has for the sum
 * @returns two lines
 */
export function sumOfProducts(
  name: string,
  symbols: string,
  pairs: readonly (readonly [number, number])[],
  device: number,
): string[] {
  const total = pairs.reduce((sum, [a, b]) => sum + a * b, 0), rest = pairs.length - SHOWN;
  const shown = pairs.slice(0, SHOWN).map(([a, b]) => `${signed(a)}·${signed(b)}`).join(" + ");
  return [
    `${name} = ${symbols} = ${shown}${rest > 0 ? ` + ... ${rest} more` : ""}`,
    equals(total, device),
  ];
}

/** `  = 1.5 in f64; the device has 1.5` */
export const equals = (exact: number, device: number): string =>
  `  = ${short(exact)} in f64; the device has ${short(device)}`;

/** Pairs of two rows, element by element. */
export const pairsOf = (a: Float64Array, b: Float64Array): [number, number][] =>
  Array.from(a, (value, i) => [value, b[i]!]);

/** Sum of products of two rows. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Root of the mean square. */
export const rms = (x: Float64Array): number => Math.sqrt(dot(x, x) / x.length);

/** Cosine of the angle between two rows. */
export const cosine = (a: Float64Array, b: Float64Array): number =>
  dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));

/** How far values of the device are from those of the definition. */
export function compared(device: ArrayLike<number>, exact: ArrayLike<number>): Compared {
  let difference = 0, largest = 0;
  for (let i = 0; i < exact.length; i++) {
    difference = Math.max(difference, Math.abs(device[i]! - exact[i]!));
    largest = Math.max(largest, Math.abs(exact[i]!));
  }
  return { difference, largest, count: exact.length };
}

/** Softmax at a temperature. */
export function softmaxOf(logits: ArrayLike<number>, temperature = 1): Float64Array {
  let highest = -Infinity;
  for (let i = 0; i < logits.length; i++) highest = Math.max(highest, logits[i]!);
  const powers = Float64Array.from(logits, (z) => Math.exp((z - highest) / temperature));
  const total = powers.reduce((sum, value) => sum + value, 0);
  return powers.map((value) => value / total);
}

/** Indices of the largest values, the largest first. */
export function largestOf(values: ArrayLike<number>, count: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) {
    let at = found.length;
    while (at > 0 && values[found[at - 1]!]! < values[i]!) at--;
    if (at < count) {
      found.splice(at, 0, i);
      found.length = Math.min(found.length, count);
    }
  }
  return found;
}
