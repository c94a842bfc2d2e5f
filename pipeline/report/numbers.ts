/** Numbers in the words of a report. */
import type { Interval } from "../../eval/statistics/mod.ts";

/** Standard errors from the middle of a normal distribution to the ends of its middle 95 %. */
const NORMAL_95 = 1.96;

/** The 95 % interval of a mean with this standard error; none where the error is not known. */
export function intervalOf(value: number, stderr: number | null): Interval | null {
  return stderr === null ? null : [value - NORMAL_95 * stderr, value + NORMAL_95 * stderr];
}

/**
 * A number with so many decimals and a true minus sign.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { decimals } from "./numbers.ts";
 *
 * assert.deepEqual([decimals(-1.25, 1), decimals(-0.001, 1), decimals(2, 2)], ["−1.3", "0.0", "2.00"]);
 * ```
 */
export function decimals(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) > 0 ? `−${text}` : text;
}

/** A perplexity: what people compare, in about four digits. */
export const perplexityText = (value: number): string =>
  decimals(value, value < 10 ? 3 : value < 100 ? 2 : 1);

/** A share from 0 to 1 in percent. */
export const percent = (share: number, digits = 1): string => `${decimals(100 * share, digits)} %`;

/** An interval, its ends written alike, or that there is none. */
export const intervalText = (interval: Interval | null, write: (value: number) => string): string =>
  interval ? `${write(interval[0])} to ${write(interval[1])}` : "not known";

/** `8, 5 and 9` */
export function listText(items: readonly (string | number)[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
