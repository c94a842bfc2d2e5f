/** The five tasks through the command line against lm-evaluation-harness on the same weights, tokenizer and rows. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { findTask, readTaskRows, TASKS } from "../../../eval/tasks/mod.ts";
import { answerOf, commandTest } from "../../support/command.ts";
import { goldenJson } from "../../support/golden_models.ts";
import {
  answersOf,
  assertAggregates,
  assertAnswers,
  assertArithmetic,
  assertFacts,
  type Numbers,
  type Sample,
  type TaskFacts,
} from "../../support/task_facts.ts";
import { havePublishedRows, TASK_MODEL, writeOwnRows, writePublishedRows } from "../../support/tasks.ts";

interface Results {
  readonly results: Readonly<Record<string, Numbers>>;
  readonly configs: Readonly<Record<string, Record<string, unknown>>>;
}

/** own.json: keys of lm-evaluation-harness's results, and its sample logs. */
interface OwnGolden extends Results {
  readonly samples: Readonly<Record<string, readonly Sample[]>>;
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

commandTest("100 published rows of each task: every item is lm-evaluation-harness's", async (directory) => {
  if (!havePublishedRows()) return;
  const golden = await goldenJson<Record<string, TaskFacts>>("tiny_tasks", "published.json");
  const logs = join(directory, "logs");
  let largest = 0;
  await writePublishedRows(directory);
  const results = await evaluate(directory, logs);
  for (const task of names) {
    const { rows } = await readTaskRows(findTask(task), directory), samples = await readSamples(logs, task);
    largest = Math.max(largest, ...assertFacts(task, rows, samples, results.results[task]!, golden[task]!));
  }
  console.log(`log-likelihoods of 1,300 requests: largest difference ${largest.toExponential(1)}`);
});
