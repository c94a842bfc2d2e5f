/** Where a value stands, and the values to mark. */
export interface Scale {
  (value: number): number;
  readonly ticks: readonly number[];
}

/**
 * Texts of a scale's ticks, with as many decimals each as one of them needs.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { linear, tickTexts } from "./scale.ts";
 *
 * assert.deepEqual(tickTexts(linear(1.3, 0, 1)), ["0.0", "0.5", "1.0", "1.5"]);
 * assert.deepEqual(tickTexts(linear(900, 0, 1, -900)), ["−1,000", "−500", "0", "500", "1,000"]);
 * ```
 */
export function tickTexts({ ticks }: Scale): string[] {
  const digits = Math.max(...ticks.map((tick) => String(tick).split(".")[1]?.length ?? 0));
  const written = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return ticks.map((tick) => tick.toLocaleString("en-US", written).replace("-", "−"));
}

/** From `least` or below to `most` or above in a straight line; about four marks. */
export function linear(most: number, from: number, to: number, least = 0): Scale {
  const step = niceStep((most - least) / 4 || Math.abs(most) / 4 || 1);
  const first = Math.floor(least / step + 1e-9), last = Math.max(first + 1, Math.ceil(most / step - 1e-9));
  return Object.assign(
    (value: number) => from + (to - from) * (value / step - first) / (last - first),
    {
      ticks: Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12))),
    },
  );
}

/** 1, 2 or 5 times a power of ten, at least `least`. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((digit) => digit * power).find((step) => step >= least * (1 - 1e-9))!;
}

/** Whole powers of ten around `least` and `most`, each as long as the other. */
export function logarithmic(least: number, most: number, from: number, to: number): Scale {
  const first = Math.floor(Math.log10(least)), last = Math.max(first + 1, Math.ceil(Math.log10(most)));
  return Object.assign(
    (value: number) => from + (to - from) * (Math.log10(value) - first) / (last - first),
    { ticks: Array.from({ length: last - first + 1 }, (_, i) => Number(`1e${first + i}`)) },
  );
}

/** As {@link logarithmic}, but from the round number below `least` to the one above `most`, with round numbers between. */
export function proportional(least: number, most: number, from: number, to: number): Scale {
  const ratio = most / least;
  const ticks = ratio <= 2 ? linear(most, 0, 1, least).ticks : roundNumbers(least, most, ratio <= 10);
  const [first, last] = [Math.log(ticks[0]!), Math.log(ticks.at(-1)!)];
  return Object.assign((value: number) => from + (to - from) * (Math.log(value) - first) / (last - first), {
    ticks,
  });
}

/** Round numbers times powers of ten, from the last one up to `least` to the first one from `most` on. */
function roundNumbers(least: number, most: number, many: boolean): number[] {
  const digits = many ? [1, 1.5, 2, 3, 4, 5, 7] : [1, 2, 5], power = Math.floor(Math.log10(least));
  const powers = Array.from({ length: Math.ceil(Math.log10(most)) - power + 1 }, (_, i) => power + i);
  const all = powers.flatMap((power) => digits.map((digit) => Number(`${digit}e${power}`)));
  return all.slice(all.findLastIndex((tick) => tick <= least), all.findIndex((tick) => tick >= most) + 1);
}
