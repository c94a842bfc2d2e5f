/** Against lm-eval, scipy and statsmodels (`tests/golden/significance.py`). */
import assert from "node:assert/strict";
import {
  mean,
  pairedDifference,
  pairedPerplexity,
  standardErrorOfMean,
  standardErrorOfProportion,
} from "../../../eval/statistics/mod.ts";
import golden from "../../golden/data/significance.json" with { type: "json" };

/** The ends of two seeded bootstraps differ by chance: by less than this share of the interval. */
const NOISE = 0.08;

function assertNear(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);
}

function assertInterval(actual: readonly number[] | null, expected: readonly number[], step = 0): void {
  const width = expected[1]! - expected[0]!;
  actual!.forEach((end, i) => assertNear(end, expected[i]!, Math.max(NOISE * width, step)));
}

Deno.test("standard errors are lm-eval's", () => {
  for (const { first, second, stderr } of golden.paired) {
    const differences = first.map((value, i) => value - second[i]!);
    [first, second, differences].forEach((values, i) =>
      assertNear(standardErrorOfMean(values)!, stderr[i]!, 1e-12)
    );
    assertNear(standardErrorOfProportion(mean(first), first.length)!, stderr[0]!, 1e-12);
  }
});

Deno.test("paired differences have scipy's bootstrap interval and statsmodels' exact McNemar test", () => {
  for (const { first, second, interval, stderr, mcnemar } of golden.paired) {
    const paired = pairedDifference(first, second);
    // A difference of means moves in steps of one item.
    assertInterval(paired.interval, interval, 1 / first.length);
    assertNear(paired.stderr!, stderr[2]!, 1e-12);
    assertNear(paired.mcNemar!.p, mcnemar, 1e-12);
  }
});

Deno.test("ratios of perplexities have scipy's paired bootstrap interval over rows", () => {
  for (const { tokens, first, second, ratio, interval } of golden.perplexities) {
    const rows = (sums: readonly number[]) => sums.map((sum, i) => ({ sum, tokens: tokens[i]! }));
    const paired = pairedPerplexity(rows(first), rows(second));
    assertNear(paired.ratio.value, ratio, 1e-12);
    assertInterval(paired.ratio.interval, interval);
    assertNear(Math.exp(paired.crossEntropy.value), ratio, 1e-12);
    assertNear(Math.exp(paired.crossEntropy.interval![0]), paired.ratio.interval![0], 1e-3);
  }
});
