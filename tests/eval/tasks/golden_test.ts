/** The five tasks through the command line against lm-evaluation-harness on the same weights, tokenizer and rows. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { findTask, readTaskRows, type TaskRow, TASKS } from "../../../eval/tasks/mod.ts";
import { resultOf } from "../../../eval/tasks/evaluate.ts";
import { answerOf, commandTest } from "../../support/command.ts";
import { goldenJson } from "../../support/golden_models.ts";
import { havePublishedRows, TASK_MODEL, writeOwnRows, writePublishedRows } from "../../support/tasks.ts";

/** Of a log-likelihood; of aggregates made of the reference's own log-likelihoods, which have 9 digits here. */
const LIKELIHOOD_TOLERANCE = 1e-3, AGGREGATE_TOLERANCE = 1e-9;

type Numbers = Readonly<Record<string, string | number>>;

/** A line of a sample log. */
interface Sample {
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

interface Results {
  readonly results: Readonly<Record<string, Numbers>>;
  readonly configs: Readonly<Record<string, Record<string, unknown>>>;
}

/** own.json: keys of lm-evaluation-harness's results, and its sample logs. */
interface OwnGolden extends Results {
  readonly samples: Readonly<Record<string, readonly Sample[]>>;
}

/** published.json, of each task: what may be kept of rows of others. */
interface TaskFacts {
  readonly results: Numbers;
  readonly n_samples: { readonly original: number; readonly effective: number };
  readonly log_likelihoods: readonly (readonly number[])[];
  readonly greedy: readonly (readonly number[])[];
  readonly acc: readonly number[];
  readonly acc_norm?: readonly number[];
  readonly requests: readonly string[];
  readonly hashes: readonly string[];
}

const names = TASKS.map(({ name }) => name);

async function evaluate(rows: string, samples: string): Promise<Results & Record<string, unknown>> {
  return await answerOf(
    ...["evaluate", "--model", TASK_MODEL, "--tasks", names.join(), "--task-data", rows],
    ...["--log-samples", samples],
  );
}

async function readSamples(directory: string, task: string): Promise<Sample[]> {
  const text = await Deno.readTextFile(join(directory, `tiny_tasks.${task}.samples.jsonl`));
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

const share = (actual: number, expected: number) =>
  Math.abs(actual - expected) / Math.max(Math.abs(expected), 1e-300);

/** Aggregates of our own answers: means of equal items are equal; perplexity follows the log-likelihoods' differences. */
function assertAggregates(actual: Numbers, expected: Numbers, task: string): void {
  assert.deepEqual(Object.keys(actual), Object.keys(expected), task);
  for (const [key, value] of Object.entries(expected)) {
    const allowed = key.startsWith("perplexity") ? 10 * LIKELIHOOD_TOLERANCE : AGGREGATE_TOLERANCE;
    const what = `${task} ${key}: ${actual[key]}, not ${value}`;
    if (typeof value === "string") assert.equal(actual[key], value, what);
    else assert.ok(actual[key] === value || share(Number(actual[key]), value) <= allowed, what);
  }
}

/** Aggregates and their errors as this project makes them of the reference's log-likelihoods. */
function assertArithmetic(
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

const answersOf = (sample: Sample) =>
  sample.filtered_resps.map(([ll, greedy]) => ({ ll: Number(ll), greedy: Number(greedy === "True") }));

commandTest("own rows: results and sample logs are lm-evaluation-harness's", async (directory) => {
  const golden = await goldenJson<OwnGolden>("tiny_tasks", "own.json"), logs = join(directory, "logs");
  await writeOwnRows(directory);
  const results = await evaluate(directory, logs);
  for (const key of ["group_subtasks", "versions", "n-shot", "higher_is_better", "n-samples"] as const) {
    assert.deepEqual(results[key], (golden as unknown as Record<string, unknown>)[key], key);
  }
  for (const task of names) {
    assertAggregates(results.results[task]!, golden.results[task]!, task);
    for (const [key, value] of Object.entries(golden.configs[task]!)) {
      assert.deepEqual(results.configs[task]![key], value, `${task} ${key}`);
    }
    const samples = await readSamples(logs, task), expected = golden.samples[task]!;
    for (const [i, sample] of samples.entries()) {
      const [ours, theirs] = [answersOf(sample), answersOf(expected[i]!)];
      assertAnswers(ours, theirs, `${task} ${i}`);
      assert.deepEqual(sample.resps, sample.filtered_resps.map((answer) => [answer]));
      // All else is equal, in the same order.
      const rest = ({ resps: _r, filtered_resps: _f, perplexity: _p, ...rest }: Sample) =>
        JSON.stringify(rest);
      assert.equal(rest(sample), rest(expected[i]!));
    }
    const { rows } = await readTaskRows(findTask(task), directory), answers = expected.map(answersOf);
    const facts = {
      log_likelihoods: answers.map((item) => item.map(({ ll }) => ll)),
      greedy: answers.map((item) => item.map(({ greedy }) => greedy)),
    };
    assertArithmetic(task, rows, facts, golden.results[task]!);
  }
  const greedy = golden.samples.lambada_openai!.filter(({ acc }) => acc === 1);
  assert.equal(greedy.length, 2, "the golden rows have words that the model gives by itself");
});

type Answer = ReturnType<typeof answersOf>[number];

/** Returns the largest difference of a log-likelihood. */
function assertAnswers(ours: readonly Answer[], theirs: readonly Answer[], what: string): number {
  assert.deepEqual(ours.map(({ greedy }) => greedy), theirs.map(({ greedy }) => greedy), what);
  const largest = Math.max(...ours.map(({ ll }, i) => Math.abs(ll - theirs[i]!.ll)));
  assert.ok(largest <= LIKELIHOOD_TOLERANCE, `${what}: a log-likelihood is off by ${largest}`);
  return largest;
}

const digest = (value: unknown) =>
  createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);

commandTest("100 published rows of each task: every item is lm-evaluation-harness's", async (directory) => {
  if (!havePublishedRows()) return;
  const golden = await goldenJson<Record<string, TaskFacts>>("tiny_tasks", "published.json");
  const logs = join(directory, "logs");
  let largest = 0;
  await writePublishedRows(directory);
  const results = await evaluate(directory, logs);
  for (const task of names) {
    const facts = golden[task]!, samples = await readSamples(logs, task);
    assert.equal(samples.length, 100);
    assertAggregates(results.results[task]!, facts.results, task);
    for (const [i, sample] of samples.entries()) {
      const { doc_hash, prompt_hash, target_hash, acc, acc_norm } = sample, what = `${task} ${i}`;
      assert.equal(
        digest(Object.values(sample.arguments).map(({ arg_0, arg_1 }) => [arg_0, arg_1])),
        facts.requests[i],
        what,
      );
      assert.equal(digest([doc_hash, prompt_hash, target_hash]), facts.hashes[i], what);
      assert.deepEqual([acc, acc_norm], [facts.acc[i], facts.acc_norm?.[i]], what);
      const expected = facts.log_likelihoods[i]!.map((ll, j) => ({ ll, greedy: facts.greedy[i]![j]! }));
      largest = Math.max(largest, assertAnswers(answersOf(sample), expected, what));
    }
    const { rows } = await readTaskRows(findTask(task), directory);
    assertArithmetic(task, rows, facts, facts.results);
  }
  console.log(`log-likelihoods of 1,300 requests: largest difference ${largest.toExponential(1)}`);
});
