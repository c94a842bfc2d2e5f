import { type McNemar, splitProbability } from "./mcnemar.ts";
import type { PairedDifference, PairedPerplexity } from "./paired.ts";

/** Two models, in the order of their difference, and what they were measured on. */
export interface Compared {
  readonly names: readonly [first: string, second: string];
  /** Such as "arc_easy". */
  readonly on: string;
}

/** Chance below which a difference is taken as one. */
const LEVEL = 0.05;

/** Items below which one answer moves a score by more than a point: a sentence then says by how much. */
const FEW_ITEMS = 100;

/** Rows below which a bootstrap interval is too narrow to be believed. */
const FEW_ROWS = 10;

const points = (share: number) => `${trimmed(100 * share)} point${trimmed(100 * share) === "1" ? "" : "s"}`;
const trimmed = (value: number) => value.toFixed(1).replace(/\.0$/, "");
const count = (n: number, what: string) => `${n.toLocaleString("en-US")} ${what}${n === 1 ? "" : "s"}`;
const probability = (p: number) => p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(3)}`;
const step = (n: number) => `With ${count(n, "item")} one answer moves the score by ${points(1 / n)}`;

/**
 * Whether two models were told apart: McNemar's exact test on right and wrong items, the interval on all else.
 */
export function isTold(
  { mcNemar, interval }: { mcNemar: Pick<McNemar, "p"> | null; interval: PairedDifference["interval"] },
): boolean {
  if (mcNemar) return mcNemar.p < LEVEL;
  return interval !== null && (interval[0] > 0 || interval[1] < 0);
}

/**
 * What a comparison of scores on the same items says, and whether it says anything at all.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { pairedDifference } from "./paired.ts";
 * import { plainSentence } from "./sentence.ts";
 *
 * const difference = pairedDifference([1, 1, 1, 1, 0], [1, 1, 1, 0, 0]);
 * assert.equal(
 *   plainSentence({ names: ["student", "teacher"], on: "winogrande" }, difference),
 *   "With 5 items one answer moves the score by 20 points; on winogrande student and teacher answer 1 item " +
 *     "differently (p = 1.000), so they cannot be told apart.",
 * );
 * ```
 */
export function plainSentence({ names, on }: Compared, difference: PairedDifference): string {
  const { n, value, interval, stderr, mcNemar } = difference, [first, second] = names;
  const told = isTold(difference);
  if (mcNemar && n < FEW_ITEMS) {
    const differing = mcNemar.firstOnly + mcNemar.secondOnly;
    if (differing === 0) {
      return `${step(n)}; on ${on} ${first} and ${second} answer alike, as models that differ on up to ${
        Math.floor(100 * unseenShare(n))
      } % of such items would in one sample of twenty.`;
    }
    return `${step(n)}; on ${on} ${first} and ${second} answer ${count(differing, "item")} differently (${
      probability(mcNemar.p)
    }), so they ${told ? `differ by ${points(Math.abs(value))}` : "cannot be told apart"}.`;
  }
  const unit = mcNemar ? points(Math.abs(value)) : Math.abs(value).toPrecision(3);
  const range = interval
    ? `${bounds(interval, mcNemar !== null)}${mcNemar ? `, ${probability(mcNemar.p)}` : ""}`
    : "";
  const lead = `On ${count(n, "item")} of ${on} ${first} is ${unit} ${
    value < 0 ? "below" : "above"
  } ${second}${range && ` (95 % interval ${range})`}`;
  if (told) return `${lead}.`;
  // McNemar's exact test can say no where the normal interval just would not; then that is no reason.
  const shows = 1.96 * (stderr ?? 0), isBelow = Math.abs(value) < shows;
  return `${lead}: they cannot be told apart${
    mcNemar && isBelow ? `, as a difference below about ${points(shows)} does not show in so few` : ""
  }.`;
}

/**
 * What two scores tell whose items are not known: the best case is that the models differ only where the better one is
 * right, and even that split may be nothing but chance.
 *
 * @param scores in percent
 */
export function plainSentenceOfScores(
  { names, on }: Compared,
  scores: readonly [first: number, second: number],
  n: number,
): string {
  const answers = Math.round(Math.abs(scores[0] - scores[1]) * n / 100), p = splitProbability(answers, 0);
  const [first, second] = names;
  if (answers === 0) {
    return `${step(n)}; on ${on} ${first} and ${second} have the same number of right answers.`;
  }
  return `${step(n)}; on ${on} ${first} and ${second} are ${count(answers, "answer")} apart, ${
    p < LEVEL
      ? `which is chance with ${probability(p)} at least, and more where they also differ the other way.`
      : `which cannot be told from chance even if they agree on all other items (${probability(p)}).`
  }`;
}

/** What a comparison of perplexities on the same rows says. */
export function plainSentenceOfPerplexity(names: Compared["names"], { ratio, n }: PairedPerplexity): string {
  const [first, second] = names;
  const lead = `On ${count(n, "held-out row")} the perplexity of ${first} is ${
    ratio.value.toFixed(3)
  } times that of ${second}`;
  if (ratio.interval === null || n < FEW_ROWS) return `${lead}: so few rows do not tell how sure that is.`;
  const [low, high] = ratio.interval, range = ` (95 % interval ${low.toFixed(3)} to ${high.toFixed(3)})`;
  return low <= 1 && high >= 1 ? `${lead}${range}: they cannot be told apart.` : `${lead}${range}.`;
}

/** Largest share of items on which two models may differ that n alike answers leave possible, once in twenty. */
function unseenShare(n: number): number {
  return 1 - LEVEL ** (1 / n);
}

function bounds([low, high]: readonly [number, number], isShare: boolean): string {
  return isShare
    ? `${trimmed(100 * low)} to ${trimmed(100 * high)} points`
    : `${low.toPrecision(3)} to ${high.toPrecision(3)}`;
}
