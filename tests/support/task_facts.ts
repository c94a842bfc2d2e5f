/** Assertions on tasks against what lm-evaluation-harness made of them (tests/golden/harness.py). */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { resultOf } from "../../eval/tasks/evaluate.ts";
import { findTask, type TaskRow } from "../../eval/tasks/mod.ts";

/** Of a log-likelihood; of aggregates made of the reference's own log-likelihoods, which have 9 digits here. */
const LIKELIHOOD_TOLERANCE = 1e-3, AGGREGATE_TOLERANCE = 1e-9;

export type Numbers = Readonly<Record<string, string | number>>;

/** A line of a sample log. */
export interface Sample {
  readonly arguments: Readonly<Record<string, { readonly arg_0: string; readonly arg_1: string }>>;
  readonly resps: readonly (readonly (readonly [string, string])[])[];
  readonly filtered_resps: readonly (readonly [string, string])[];
  readonly doc_hash: string;
  readonly prompt_hash: string;
  readonly target_hash: string;
  readonly acc: number;
  readonly acc_norm?: number;
  readonly perplexity?: number;
}

/** published.json, of each task: what may be kept of rows of others. */
export interface TaskFacts {
  readonly results: Numbers;
  readonly n_samples: { readonly original: number; readonly effective: number };
  readonly log_likelihoods: readonly (readonly number[])[];
  readonly greedy: readonly (readonly number[])[];
  readonly acc: readonly number[];
  readonly acc_norm?: readonly number[];
  readonly requests: readonly string[];
  readonly hashes: readonly string[];
}

const share = (actual: number, expected: number) =>
  Math.abs(actual - expected) / Math.max(Math.abs(expected), 1e-300);

/** Aggregates of our own answers: means of equal items are equal; perplexity follows the log-likelihoods' differences. */
export function assertAggregates(actual: Numbers, expected: Numbers, task: string): void {
  assert.deepEqual(Object.keys(actual), Object.keys(expected), task);
  for (const [key, value] of Object.entries(expected)) {
    const allowed = key.startsWith("perplexity") ? LIKELIHOOD_TOLERANCE : AGGREGATE_TOLERANCE;
    const what = `${task} ${key}: ${actual[key]}, not ${value}`;
    if (typeof value === "string") assert.equal(actual[key], value, what);
    else assert.ok(actual[key] === value || share(Number(actual[key]), value) <= allowed, what);
  }
}

/** Aggregates and their errors as this project makes them of the reference's log-likelihoods. */
export function assertArithmetic(
  task: string,
  rows: readonly TaskRow[],
  facts: Pick<TaskFacts, "log_likelihoods" | "greedy">,
  expected: Numbers,
): void {
  const likelihoods = facts.log_likelihoods.map((item, i) =>
    item.map((value, j) => ({ logLikelihood: Math.fround(value), isGreedy: facts.greedy[i]![j] === 1 }))
  );
  const { n, metrics } = resultOf(findTask(task), rows, likelihoods);
  assert.equal(n, expected.sample_len);
  for (const [name, { value, stderr }] of Object.entries(metrics)) {
    for (const [key, number] of [[`${name},none`, value], [`${name}_stderr,none`, stderr]] as const) {
      const wanted = Number(expected[key]);
      assert.ok(
        number === wanted || share(number!, wanted) <= AGGREGATE_TOLERANCE,
        `${task} ${key}: ${number}, not ${wanted}`,
      );
    }
  }
}

export const answersOf = (sample: Sample) =>
  sample.filtered_resps.map(([ll, greedy]) => ({ ll: Number(ll), greedy: Number(greedy === "True") }));

type Answer = ReturnType<typeof answersOf>[number];

/**
 * Asserts equal greedy flags and close log-likelihoods.
 *
 * @param share what of a large log-likelihood is allowed, where it is more than the absolute tolerance
 * @returns the differences of the log-likelihoods
 */
export function assertAnswers(
  ours: readonly Answer[],
  theirs: readonly Answer[],
  what: string,
  share = 0,
): number[] {
  assert.deepEqual(ours.map(({ greedy }) => greedy), theirs.map(({ greedy }) => greedy), what);
  return ours.map(({ ll }, i) => {
    const expected = theirs[i]!.ll, difference = Math.abs(ll - expected);
    const allowed = Math.max(LIKELIHOOD_TOLERANCE, share * Math.abs(expected));
    assert.ok(difference <= allowed, `${what}: log-likelihood ${i} is ${ll}, not ${expected}`);
    return difference;
  });
}

const digest = (value: unknown) =>
  createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);

/**
 * Asserts that a task's samples and aggregates are the reference's, item by item.
 *
 * @param share as in {@link assertAnswers}
 * @returns the differences of all log-likelihoods
 */
export function assertFacts(
  task: string,
  rows: readonly TaskRow[],
  samples: readonly Sample[],
  results: Numbers,
  facts: TaskFacts,
  share = 0,
): number[] {
  const differences: number[] = [];
  assert.equal(samples.length, facts.n_samples.effective);
  for (const [i, sample] of samples.entries()) {
    const { doc_hash, prompt_hash, target_hash, acc, acc_norm } = sample, what = `${task} ${i}`;
    const requests = Object.values(sample.arguments).map(({ arg_0, arg_1 }) => [arg_0, arg_1]);
    assert.equal(digest(requests), facts.requests[i], what);
    assert.equal(digest([doc_hash, prompt_hash, target_hash]), facts.hashes[i], what);
    const expected = facts.log_likelihoods[i]!.map((ll, j) => ({ ll, greedy: facts.greedy[i]![j]! }));
    differences.push(...assertAnswers(answersOf(sample), expected, what, share));
    assert.deepEqual([acc, acc_norm], [facts.acc[i], facts.acc_norm?.[i]], what);
  }
  assertAggregates(results, facts.results, task);
  assertArithmetic(task, rows, facts, facts.results);
  return differences;
}
