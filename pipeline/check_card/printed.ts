/** A number as it stands on a card. */
export interface Printed {
  readonly value: number;
  /** Half of its last digit: how far the number that was rounded may be. */
  readonly half: number;
  /** Digits after its point. */
  readonly decimals: number;
}

/**
 * The first number of a text, with or without a percent sign and thousands apart; undefined where there is none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readNumber } from "./printed.ts";
 *
 * assert.deepEqual(readNumber("77.90%"), { value: 77.9, half: 0.005, decimals: 2 });
 * assert.equal(readNumber("268,098,176 parameters")!.value, 268098176);
 * assert.equal(readNumber("none"), undefined);
 * ```
 */
export function readNumber(text: string): Printed | undefined {
  const found = /[-+−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-+−]?\d+(?:\.\d+)?(?:e[-+]?\d+)?/i.exec(text)?.[0];
  if (found === undefined) return undefined;
  const decimals = /\.(\d+)/.exec(found)?.[1]?.length ?? 0;
  return {
    value: Number(found.replaceAll(",", "").replace("−", "-")),
    half: 0.5 * 10 ** -decimals,
    decimals,
  };
}

/**
 * How far a formula's value may move when each of its numbers was rounded: the sum of what each moves it alone.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readNumber, slackOf } from "./printed.ts";
 *
 * const slack = slackOf(([a, b]) => 100 * a! / b!, [readNumber("13.26")!, readNumber("17.02")!]);
 * assert.equal(slack.toFixed(3), "0.052");
 * ```
 */
export function slackOf(formula: (values: readonly number[]) => number, inputs: readonly Printed[]): number {
  const values = inputs.map(({ value }) => value), middle = formula(values);
  return inputs.reduce((sum, { value, half }, i) => {
    const moved = [value - half, value + half].map((other) =>
      Math.abs(formula(values.map((same, j) => j === i ? other : same)) - middle)
    );
    return sum + Math.max(...moved);
  }, 0);
}
