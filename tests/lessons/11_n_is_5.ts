/**
 * What n = 5 can prove.
 *
 * The card of the published model gives accuracies of 60, 40 and 80 %, and from them "92.86 % of the capability
 * retained". All of its scores are multiples of 20 %: five documents a task were asked. How much do five say?
 *
 * A share p of n answers has a standard error of √(p (1-p) / (n-1)): 24 points at 60 % of 5. So 60 % means "somewhere
 * between a tenth and all". Five tasks of five average that down to about 11 points; a retention is the quotient of two such
 * averages.
 *
 * Comparing two models on the *same* documents is better than comparing two shares, as documents that both get right
 * or wrong say nothing either way. What is left are those on which they differ, and if neither model is better, each of
 * these is a fair coin. With five documents the most extreme split is 5 to 0, and a fair coin does that (to either
 * side) with probability 2 / 2⁵ = 0.0625. The usual bound is 0.05. **With n = 5 no result whatever can reach it**, not even
 * a model that is right on all against one that is wrong on all.
 *
 * Which n is enough depends on the difference sought. If two models differ on a fifth of the documents and the better one
 * takes 60 % of those, its lead is 4 points, and about 1,000 documents are needed to see it 80 times of 100.
 *
 * Hence in this project every score is printed with its n and its interval, and where an interval holds 0 the
 * sentence under it says that nothing is shown.
 *
 * Read next: eval/statistics/mcnemar.ts, then sentence.ts.
 */
import assert from "node:assert/strict";
import { createRandom } from "../../engine/mod.ts";
import { mcNemar, splitProbability, standardErrorOfProportion } from "../../eval/statistics/mod.ts";
import { type Lesson, short } from "./lesson.ts";

/** How often McNemar's test at 0.05 sees a better model, which takes `share` of the fifth of items on which two differ. */
function power(n: number, share: number, seed: number): number {
  const random = createRandom(seed), trials = 400;
  let seen = 0;
  for (let trial = 0; trial < trials; trial++) {
    let better = 0, worse = 0;
    for (let i = 0; i < n; i++) {
      if (random.uniform() >= 0.2) continue;
      if (random.uniform() < share) better++;
      else worse++;
    }
    if (better > worse && splitProbability(better, worse) < 0.05) seen++;
  }
  return seen / trials;
}

export const lesson: Lesson = {
  title: "What n = 5 can prove",
  run({ say }) {
    say([
      ["n", "60 % ± (points)", "the most extreme split of 2 models", "seen, of 4 points' lead"],
      ...[5, 25, 100, 500, 1000].map((n) => [
        String(n),
        (100 * standardErrorOfProportion(0.6, n)!).toFixed(1),
        splitProbability(n, 0).toExponential(1),
        `${(100 * power(n, 0.6, n)).toFixed(0)} %`,
      ]),
    ]);
    const allAgainstNone = mcNemar([1, 1, 1, 1, 1], [0, 0, 0, 0, 0]);
    say(`all right against all wrong, of 5: p = ${allAgainstNone.p}; of 6: ${short(splitProbability(6, 0))}`);
    assert.equal(allAgainstNone.p, 0.0625);
    assert.ok(splitProbability(6, 0) < 0.05);
    assert.ok(Math.abs(standardErrorOfProportion(0.6, 5)! - 0.245) < 0.001);
    assert.equal(power(5, 0.6, 1), 0, "with 5 nothing is ever seen");
    assert.ok(power(1000, 0.6, 2) > 0.7);

    // Two models that are the same, each right on 52 of 100, asked 5 documents of 5 tasks: what "retention" do they show?
    const random = createRandom(9),
      score = () => Array.from({ length: 25 }).filter(() => random.uniform() < 0.52).length;
    const retentions = Array.from({ length: 2000 }, () => 100 * score() / Math.max(1, score())).sort((a, b) =>
      a - b
    );
    const at = (share: number) => retentions[Math.floor(share * retentions.length)]!;
    say(
      `two equal models: 95 of 100 such cards would claim a retention between ${at(0.025).toFixed(0)} and ${
        at(0.975).toFixed(0)
      } %`,
    );
    assert.ok(at(0.025) < 75 && at(0.975) > 130);
  },
};
