/** `evaluate` through the command line; tests/eval/tasks/golden_test.ts compares its numbers. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { addEvaluate } from "../../cli/evaluate.ts";
import { formatLine } from "../../cli/progress.ts";
import { PEBBLE_TEACHER } from "../../train/data/mod.ts";
import { lapidaryShared, requestOf } from "../support/cli.ts";
import { answerOf, commandTest, goldenPath } from "../support/command.ts";
import { refused } from "../support/refused.ts";
import { OWN_ROWS, TASK_MODEL } from "../support/tasks.ts";
import { namesIn } from "../support/temporary.ts";

const DATA = ["--task-data", OWN_ROWS];
const MODEL = ["evaluate", "--model", TASK_MODEL, ...DATA];

Deno.test("flags become a request", async () => {
  const { request, json } = await requestOf(
    addEvaluate,
    ...[
      "evaluate",
      "--model",
      "a",
      "b",
      "--tasks",
      "arc_easy, piqa",
      "--task-data",
      "rows",
      "--limit",
      "0.25",
      "--json",
    ],
  );
  assert.deepEqual(request, {
    models: ["a", "b"],
    tasks: ["arc_easy", "piqa"],
    taskData: "rows",
    limit: 0.25,
    logSamples: undefined,
    opening: { tokenizer: null, repair: false },
  });
  assert.equal(json, true);
});

Deno.test("progress shows requests a second", () => {
  const event = { stage: "piqa of student", done: 30, total: 90, unit: "requests", showsRate: true };
  assert.equal(formatLine(event, 4), "piqa of student  30/90 requests  33%  7.5 requests/s  ETA 8.0 s");
});

commandTest("one model: a table with errors and numbers of items", async () => {
  const { code, out } = await lapidaryShared(
    ...MODEL,
    "--tasks",
    "arc_easy,winogrande",
    "--limit",
    "4",
    "--quiet",
  );
  assert.equal(code, 0);
  const [path, ...table] = out.trimEnd().split("\n");
  assert.equal(path, TASK_MODEL);
  assert.deepEqual(table.slice(0, 2), [
    "|Tasks     |Version|Filter|n-shot|Metric  |  | Value|  |Stderr| n|",
    "|----------|------:|------|-----:|--------|--|-----:|--|-----:|-:|",
  ]);
  assert.deepEqual(
    table.slice(2).map((line) => line.split("|").map((cell) => cell.trim()).filter((cell) => cell)),
    [
      ["arc_easy", "1", "none", "0", "acc", "↑", "0.0000", "±", "0.0000", "4"],
      ["none", "0", "acc_norm", "↑", "0.2500", "±", "0.2500", "4"],
      ["winogrande", "1", "none", "0", "acc", "↑", "1.0000", "±", "0.0000", "4"],
    ],
  );
});

commandTest(
  "--use-cache: a second run takes what the first, cut off, has kept, and the answer is the same",
  async (directory) => {
    const cache = join(directory, "likelihoods.jsonl");
    const command = [...MODEL, "--tasks", "arc_easy", "--limit", "4", "--use-cache", cache, "--json"];
    const first = await answerOf<{ results: unknown }>(...command);
    const whole = await Deno.readTextFile(cache), lines = whole.trimEnd().split("\n");
    const half = lines.slice(0, lines.length / 2).map((line) => `${line}\n`).join("");
    await Deno.writeTextFile(cache, half + '{"key":"cut');
    const second = await answerOf<{ results: unknown }>(...command);
    assert.deepEqual(second.results, first.results);
    const kept = await Deno.readTextFile(cache);
    assert.ok(kept.startsWith(half));
    assert.equal(kept.trimEnd().split("\n").length, lines.length);
  },
);

commandTest("--use-cache: a file that holds something else is refused and stays", async (directory) => {
  const cache = join(directory, "notes.txt");
  await Deno.writeTextFile(cache, "something\n");
  await refused(
    directory,
    [...MODEL, "--tasks", "arc_easy", "--use-cache", cache],
    `Cannot use ${cache}: line 1 is no likelihood; remove the file, and what it held is computed again`,
  );
});

commandTest("several models: a list of results, logs under both names", async (directory) => {
  const copy = join(directory, "tiny_tasks"), logs = join(directory, "logs");
  await Deno.mkdir(copy);
  for (const name of await namesIn(TASK_MODEL)) await Deno.copyFile(join(TASK_MODEL, name), join(copy, name));
  const results = await answerOf<{ model_name: string; results: unknown; task_hashes: unknown }[]>(
    ...[
      "evaluate",
      "--model",
      TASK_MODEL,
      copy,
      "--tasks",
      "piqa",
      ...DATA,
      "--limit",
      "2",
      "--log-samples",
      logs,
    ],
  );
  assert.deepEqual(results.map(({ model_name }) => model_name), ["tiny_tasks-1", "tiny_tasks-2"]);
  assert.deepEqual(results[0]!.results, results[1]!.results);
  assert.deepEqual(await namesIn(logs), [
    "tiny_tasks-1.piqa.samples.jsonl",
    "tiny_tasks-2.piqa.samples.jsonl",
  ]);
  const { out } = await lapidaryShared(
    ...["evaluate", "--model", TASK_MODEL, copy, "--tasks", "piqa", ...DATA, "--limit", "2"],
  );
  assert.match(
    out,
    /\n\nWith 2 items one answer moves the score by 50 points; on piqa \(acc\) .* and .* answer alike, .*\n.*\(acc_norm\)/,
  );
});

commandTest("what cannot be evaluated is refused before anything runs", async (directory) => {
  const samples = join(directory, "samples.jsonl");
  const tasks = "there are arc_easy, winogrande, hellaswag, lambada_openai, piqa";
  await refused(
    directory,
    [...MODEL, "--tasks", "arc"],
    `Unknown task "arc": ${tasks}; give one of these`,
    2,
  );
  await refused(
    directory,
    ["evaluate", "--tasks", "piqa", ...DATA],
    "Missing --model; name a model directory, .gguf file or name on the hub",
    2,
  );
  await refused(
    directory,
    [...MODEL, "--tasks", "piqa,arc_easy", "--log-samples", samples],
    `Cannot log the samples of several tasks or models into ${samples}; name a directory with --log-samples`,
    2,
  );
  await Deno.writeTextFile(samples, "");
  await refused(
    directory,
    [...MODEL, "--tasks", "piqa", "--log-samples", samples],
    `Cannot write to ${samples}: it exists already; name another place with --log-samples or remove it`,
    2,
  );
  await refused(
    directory,
    ["evaluate", "--model", goldenPath("tiny_a"), ...DATA, "--tasks", "piqa"],
    `Cannot turn text into tokens for ${
      goldenPath("tiny_a")
    } as it has no tokenizer.json; name its directory with --tokenizer`,
    2,
  );
});

commandTest("models whose tokenizers differ are not compared item by item", async (directory) => {
  // Pebble's teacher with its tokenizer changed: it adds no BOS.
  const other = join(directory, "other");
  await Deno.mkdir(other);
  for (const name of await namesIn(PEBBLE_TEACHER)) {
    await Deno.copyFile(join(PEBBLE_TEACHER, name), join(other, name));
  }
  const file = join(other, "tokenizer.json");
  await Deno.writeTextFile(
    file,
    JSON.stringify({ ...JSON.parse(await Deno.readTextFile(file)), post_processor: null }),
  );
  await refused(
    directory,
    ["evaluate", "--model", TASK_MODEL, other, "--tasks", "piqa", ...DATA],
    `Cannot compare ${TASK_MODEL} and ${other} item by item as their tokenizers differ: line 1 of ${
      join(OWN_ROWS, "piqa.jsonl")
    } becomes other ids; evaluate each alone, or give both the same --tokenizer`,
    2,
  );
});
