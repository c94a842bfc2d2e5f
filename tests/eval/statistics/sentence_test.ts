import assert from "node:assert/strict";
import {
  pairedDifference,
  pairedPerplexity,
  plainSentence,
  plainSentenceOfPerplexity,
  plainSentenceOfScores,
} from "../../../eval/statistics/mod.ts";

const compared = { names: ["student", "teacher"], on: "piqa" } as const;
const sentence = (first: readonly number[], second: readonly number[]) =>
  plainSentence(compared, pairedDifference(first, second));
const ones = (count: number, of: number) => Array.from({ length: of }, (_, i) => i < count ? 1 : 0);

Deno.test("five items: one answer is 20 points, and nothing can be told apart", () => {
  assert.equal(
    sentence([1, 1, 1, 1, 0], [1, 1, 1, 0, 1]),
    "With 5 items one answer moves the score by 20 points; on piqa student and teacher answer 2 items differently " +
      "(p = 1.000), so they cannot be told apart.",
  );
  assert.equal(
    sentence(ones(3, 5), ones(3, 5)),
    "With 5 items one answer moves the score by 20 points; on piqa student and teacher answer alike, as models that " +
      "differ on up to 45 % of such items would in one sample of twenty.",
  );
  assert.match(
    sentence(ones(8, 8), ones(0, 8)),
    /answer 8 items differently \(p = 0\.008\), so they differ by 100 points/,
  );
});

Deno.test("many items: told apart or not, with the interval and what would have shown", () => {
  assert.match(
    sentence(ones(260, 400), ones(200, 400)),
    /^On 400 items of piqa student is 15 points above teacher \(95 % interval [\d.]+ to [\d.]+ points, p < 0\.001\)\.$/,
  );
  assert.match(
    sentence([...ones(10, 200), ...ones(0, 200)], [...ones(0, 200), ...ones(12, 200)]),
    /^On 400 items of piqa student is 0\.5 points below teacher \(95 % interval -[\d.]+ to [\d.]+ points, p = 0\.832\): they cannot be told apart, as a difference below about 2\.3 points does not show in so few\.$/,
  );
  // 3 items the one way and 10 the other: McNemar's test says no, though the difference is above 1.96 standard errors.
  assert.match(
    sentence([...ones(3, 13), ...ones(0, 87)], [...ones(0, 3), ...ones(10, 10), ...ones(0, 87)]),
    /^On 100 items of piqa student is 7 points below teacher \(.* points, p = 0\.092\): they cannot be told apart\.$/,
  );
});

Deno.test("values that are neither right nor wrong have their interval alone", () => {
  const first = Array.from({ length: 120 }, (_, i) => -2 + (i % 5) / 10),
    second = first.map((value) => value - 0.5);
  assert.equal(
    sentence(first, second),
    "On 120 items of piqa student is 0.500 above teacher (95 % interval 0.500 to 0.500).",
  );
});

Deno.test("scores of unknown items are told apart only where the best case is no chance", () => {
  assert.equal(
    plainSentenceOfScores(compared, [80, 60], 5),
    "With 5 items one answer moves the score by 20 points; on piqa student and teacher are 1 answer apart, which " +
      "cannot be told from chance even if they agree on all other items (p = 1.000).",
  );
  assert.match(
    plainSentenceOfScores(compared, [60, 60], 5),
    /student and teacher have the same number of right answers\.$/,
  );
  assert.match(
    plainSentenceOfScores(compared, [80, 60], 50),
    /are 10 answers apart, which is chance with p = 0\.002 at least, and more where they also differ the other way\.$/,
  );
});

Deno.test("perplexities: the ratio with its interval, unless rows are too few", () => {
  const rows = (n: number, loss: number) =>
    Array.from({ length: n }, (_, i) => ({ sum: loss * 10 + i % 2, tokens: 10 }));
  const names = ["student", "control"] as const;
  assert.match(
    plainSentenceOfPerplexity(names, pairedPerplexity(rows(20, 2), rows(20, 2.1))),
    /^On 20 held-out rows the perplexity of student is 0\.905 times that of control \(95 % interval 0\.905 to 0\.905\)\.$/,
  );
  assert.match(
    plainSentenceOfPerplexity(names, pairedPerplexity(rows(20, 2), rows(20, 2))),
    /: they cannot be told apart\.$/,
  );
  assert.match(
    plainSentenceOfPerplexity(names, pairedPerplexity(rows(4, 2), rows(4, 2.1))),
    /control: so few rows do not tell how sure that is\.$/,
  );
});

Deno.test("models on other items are not compared", () => {
  assert.throws(() => pairedDifference([1, 0], [1]), {
    name: "DataError",
    message: "Cannot compare two models: one has 2 items and the other 1; measure both on the same ones",
  });
  assert.throws(() => pairedDifference([], []), {
    message: "Cannot compare two models: there are no items; measure both first",
  });
  assert.throws(
    () => pairedPerplexity([{ sum: 1, tokens: 2 }], [{ sum: 1, tokens: 3 }]),
    {
      message:
        "Cannot compare perplexities: row 0 (from 0) has 2 tokens in one and 3 in the other; measure both on the " +
        "same rows",
    },
  );
});
