/** `distill` through the command line: a complete run directory, and a plan that holds. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { listen } from "../../engine/mod.ts";
import { sha256File } from "../../model/files/mod.ts";
import { openModel } from "../../model/weights/mod.ts";
import type { RunPlan } from "../../pipeline/dry_run.ts";
import { totalBytes } from "../../pipeline/memory.ts";
import { readResults, recovery, type Results } from "../../pipeline/results.ts";
import { lapidary, lapidaryShared } from "../support/cli.ts";
import { answerOf, commandTest, goldenPath, settings } from "../support/command.ts";
import { withGoldenModel } from "../support/golden_models.ts";
import { TASK_MODEL, writeOwnRows } from "../support/tasks.ts";
import { namesIn } from "../support/temporary.ts";
import { smallTokenizer } from "../support/tokenizer.ts";

/** `distill` of a tiny teacher. */
const distill = (name: string, ...more: string[]) => [
  ...["distill", "--teacher", goldenPath(name), "--data", goldenPath(`${name}_golden/rows.jsonl`)],
  ...settings("prune.count=1", "train.max_steps=2", "train.micro_batch=2", "train.accumulation=2"),
  ...more,
];

const read = async (...path: string[]) => JSON.parse(await Deno.readTextFile(join(...path)));

commandTest("distill: configuration, log, results and a student that loads", async (directory) => {
  const run = join(directory, "runs", "first");
  await Deno.writeTextFile(join(directory, "tokenizer.json"), JSON.stringify(smallTokenizer()));
  const answer = await answerOf<Results>(
    ...distill("tiny_d", "--run", run, "--tokenizer", directory, "--seed", "7"),
    ...settings('sample.prompts=["\\u0001"]', "sample.max_new_tokens=3", "dtype=bfloat16"),
  );
  assert.deepEqual(await namesIn(run), [
    ...["config.resolved.json", "control", "control.log.jsonl", "kernels.json", "log.jsonl", "pictures"],
    ...["report.html", "results.json", "stages", "student"],
  ]);
  assert.deepEqual(await readResults(run), answer);
  assert.deepEqual(await read(run, "config.resolved.json"), answer.config);
  assert.deepEqual([answer.config.seed, answer.config.train.max_steps], [7, 2]);
  const log = (await Deno.readTextFile(join(run, "log.jsonl"))).trimEnd().split("\n");
  assert.deepEqual(log.map((line) => JSON.parse(line).step), [1, 2]);
  const { teacher, pruned, student, control, importance, training } = answer;
  assert.deepEqual([teacher, pruned, student, control!].map(({ layers }) => layers), [5, 4, 4, 4]);
  assert.deepEqual(answer.drop, importance!.order.slice(0, 1));
  const rows = goldenPath("tiny_d_golden/rows.jsonl"), { files, held_out, ...counts } = answer.data;
  assert.deepEqual(counts, { training_rows: 9, validation_rows: 3, tasks: {} });
  assert.deepEqual(files, [{ path: rows, sha256: await sha256File(rows), rows: 12 }]);
  assert.equal(held_out.rows, 3);
  assert.match(held_out.sha256, /^[0-9a-f]{64}$/);
  assert.deepEqual(answer.memory.map(({ name }) => name), [
    "importance",
    "evaluation",
    "training",
    "control",
  ]);
  assert.ok(answer.memory.every(({ bytes, memory }) => bytes === totalBytes(memory)));
  for (const { steps, warnings } of [training.student, training.control!]) {
    assert.deepEqual([steps, warnings], [2, []]);
  }
  assert.equal(student.row_losses.length, 3);
  const sum = student.row_losses.reduce((sum, row) => sum + row.sum, 0);
  assert.ok(Math.abs(sum / student.tokens - student.cross_entropy) < 1e-12);
  assert.ok(teacher.samples.length === 1 && student.samples.length === 1);
  assert.ok(Math.abs(Math.log(student.perplexity) - student.cross_entropy) < 1e-9);
  assert.equal(
    answer.recovery,
    recovery(teacher.cross_entropy, pruned.cross_entropy, student.cross_entropy),
  );
  const { models: compared, difference, n } = answer.comparisons[0]!;
  assert.deepEqual([compared, n], [["student", "control"], 3]);
  assert.ok(Math.abs(difference - (student.cross_entropy - control!.cross_entropy)) < 1e-9);
  const card = await Deno.readTextFile(join(run, "student", "README.md"));
  assert.match(card, new RegExp(`value: ${student.perplexity}`));
  assert.match(card, /\n {4}\.\/lapidary distill --preset .* --seed 7 .*--set train\.max_steps=2/);
  const opened = await openModel(join(run, "student")),
    before = await withGoldenModel("tiny_d", ({ config }) => Promise.resolve(config));
  opened.weights.close();
  assert.equal(opened.storedDtype, "bfloat16");
  assert.equal(opened.tokenizerDir, join(run, "student"));
  assert.deepEqual(
    opened.config.layerTypes,
    before.layerTypes.filter((_, layer) => layer !== answer.drop[0]),
  );
});

commandTest(
  "the same seed gives the same student, bit for bit; named blocks need no importance",
  async (directory) => {
    const students = [];
    for (const run of ["a", "b"].map((name) => join(directory, name))) {
      const { importance } = await answerOf<Results>(
        ...distill("tiny_a", "--run", run),
        ...settings("prune.drop=1"),
      );
      assert.equal(importance, null);
      students.push(await Deno.readFile(join(run, "student", "model.safetensors")));
    }
    assert.deepEqual(students[0], students[1]);
  },
);

commandTest("the control is the student that cross-entropy alone gives, bit for bit", async (directory) => {
  const [both, alone] = ["both", "alone"].map((name) => join(directory, name)) as [string, string];
  const { control } = await answerOf<Results>(...distill("tiny_a", "--run", both));
  const { student, control: none } = await answerOf<Results>(
    ...distill("tiny_a", "--run", alone),
    ...settings("loss.kind=cross_entropy", "loss.alpha=1"),
  );
  assert.equal(none, null);
  assert.deepEqual(control, student);
  const weights = (...path: string[]) => Deno.readFile(join(...path, "model.safetensors"));
  assert.deepEqual(await weights(both, "control"), await weights(alone, "student"));
  const losses = async (...path: string[]) =>
    (await Deno.readTextFile(join(...path))).trimEnd().split("\n").map((line) => JSON.parse(line).losses);
  assert.deepEqual(await losses(both, "control.log.jsonl"), await losses(alone, "log.jsonl"));
});

commandTest("no control: it is switched off, or the note says why there is none", async (directory) => {
  const said = async (name: string, setting: string) => {
    const { code, err } = await lapidaryShared(
      ...distill("tiny_a", "--run", join(directory, name), "--set", setting),
    );
    assert.equal(code, 0);
    return err.includes("There is no control: the student itself learned from cross-entropy alone");
  };
  assert.equal(await said("off", "train.control=false"), false);
  assert.equal(await said("alone", "loss.kind=cross_entropy"), true);
  assert.equal((await readResults(join(directory, "off"))).control, null);
  assert.ok(!(await namesIn(join(directory, "alone"))).includes("control"));
});

commandTest("tasks: every model's, as evaluate measures them, in the shape of lm-eval", async (directory) => {
  const run = join(directory, "run"), rows = join(directory, "rows"), tasks = ["lambada_openai", "piqa"];
  await Deno.mkdir(rows);
  await writeOwnRows(rows);
  const { teacher, pruned, student, control, comparisons, data } = await answerOf<Results>(
    ...["distill", "--teacher", TASK_MODEL, "--data", "pebble", "--run", run],
    ...settings("data.limit=8", "prune.count=1", "train.max_steps=2", "train.micro_batch=2"),
    ...settings(`evaluate.tasks=${tasks}`, "evaluate.task_limit=3", `evaluate.task_data=${rows}`),
  );
  for (const model of [teacher, pruned, student, control!]) {
    assert.deepEqual(Object.keys(model.tasks), tasks);
    for (const { n, items } of Object.values(model.tasks)) {
      assert.ok(n === 3 && Object.values(items).every(({ length }) => length === 3));
    }
  }
  assert.deepEqual(
    comparisons.filter(({ models }) => models[1] === "control").map(({ on, metric }) => `${on} ${metric}`),
    [
      "held_out cross_entropy",
      "lambada_openai log_likelihood",
      "lambada_openai acc",
      "piqa acc",
      "piqa acc_norm",
    ],
  );
  assert.deepEqual(
    Object.entries(data.tasks).map(([task, { path, rows, sha256 }]) => [task, path, rows, sha256.length]),
    tasks.map((task) => [task, join(rows, `${task}.jsonl`), 3, 64]),
  );
  const card = await Deno.readTextFile(join(run, "student", "README.md"));
  assert.match(card, /\| piqa +\| acc_norm +\| 3 +\|/);
  assert.match(card, /With 3 items one answer moves the score by 33\.3 points; on piqa student and control/);
  const models = ["control", "pruned", "student", "teacher"];
  assert.deepEqual(
    await namesIn(join(run, "tasks")),
    models.flatMap((model) => [
      `${model}.json`,
      ...tasks.map((task) => `${model}.${task}.samples.jsonl`),
    ]).sort(),
  );
  const evaluate = ["--tasks", `${tasks}`, "--task-data", rows, "--limit", "3"];
  // Written in float32, so that the file holds what was measured.
  const again = await answerOf<{ results: unknown; config: { limit: number } }>(
    ...["evaluate", "--model", join(run, "student"), ...evaluate],
  );
  const written = await read(run, "tasks", "student.json");
  assert.deepEqual(written.results, again.results);
  assert.deepEqual([written.config.limit, written.config.model_args], [3, {
    pretrained: join(run, "student"),
  }]);
});

commandTest(
  "tasks without their rows are left out, and the note says how to name them",
  async (directory) => {
    const { code, err } = await lapidaryShared(
      ...distill("tiny_a", "--run", join(directory, "run"), "--set", "train.control=false"),
    );
    assert.equal(code, 0);
    assert.ok(
      err.includes(
        "No task is evaluated: name the directory of their rows with --set evaluate.task_data=DIR, or take them from " +
          "the hub with --set evaluate.task_data=hub",
      ),
    );
  },
);

commandTest("evaluate.every: the log tells the student's perplexity on the way", async (directory) => {
  const run = join(directory, "run");
  const { student } = await answerOf<Results>(
    ...distill("tiny_a", "--run", run),
    ...settings("evaluate.every=1"),
  );
  const log = (await Deno.readTextFile(join(run, "log.jsonl"))).trimEnd().split("\n").map((line) =>
    JSON.parse(line)
  );
  assert.deepEqual(log.map(({ step }) => step), [1, 1, 2, 2]);
  const [first, last] = log.flatMap(({ validation }) => validation ?? []);
  assert.notEqual(first.perplexity, last.perplexity);
  const { perplexity, cross_entropy, tokens } = student;
  assert.deepEqual(last, { perplexity, cross_entropy, tokens });
});

/** The most device bytes at one time of a run that has an engine of its own. */
async function allocatedBy(...args: string[]): Promise<number> {
  let now = 0, peak = 0;
  const stop = listen((event) => {
    if (event.kind === "allocate") peak = Math.max(peak, now += event.bytes);
    if (event.kind === "free") now -= event.bytes;
  });
  try {
    const { code, err } = await lapidary(...args, "--quiet");
    assert.deepEqual([code, err], [0, ""]);
    return peak;
  } finally {
    stop();
  }
}

const SHORT = ["train.max_steps=2", "train.metrics_every=1", "sample.max_new_tokens=4"];
const WHOLE_RUNS = {
  tiny_d: distill("tiny_d", ...settings("train.micro_batch=6", "data.validation=0", "data.max_length=8")),
  pebble: [
    ...["distill", "--preset", "pebble"],
    ...settings(
      "data.limit=40",
      "data.max_length=64",
      "train.micro_batch=8",
      "evaluate.batch_size=8",
      "evaluate.task_limit=4",
      ...SHORT,
    ),
  ],
  "pebble, recomputing blocks, without a teacher": [
    ...["distill", "--preset", "pebble"],
    ...settings(
      "data.limit=40",
      "data.max_length=64",
      "train.micro_batch=8",
      "evaluate.batch_size=8",
      "evaluate.task_limit=4",
      ...SHORT,
    ),
    ...settings("train.recompute=block", "loss.kind=cross_entropy", "prune.drop=3,4"),
  ],
};

for (const [name, args] of Object.entries(WHOLE_RUNS)) {
  commandTest(
    `${name}: --dry-run writes nothing, and its memory is what the run takes`,
    async (directory) => {
      const run = join(directory, "run");
      const { step, memory } = await answerOf<RunPlan>(...args, "--run", run, "--dry-run");
      assert.deepEqual(await namesIn(directory), []);
      assert.ok(step.flops > 0 && step.dispatches > 0);
      const peak = await allocatedBy(...args, "--run", run), planned = memory.peak_bytes;
      assert.ok(Math.abs(peak / planned - 1) <= 0.05, `${peak} bytes for ${planned} planned`);
    },
  );
}

commandTest("a plan is of the largest step of the training rows", async (directory) => {
  const { step, steps, data } = await answerOf<RunPlan>(
    ...distill("tiny_d", "--run", join(directory, "run"), "--dry-run"),
    ...settings("train.micro_batch=6", "data.validation=0", "data.max_length=8", "prune.drop=2"),
  );
  assert.deepEqual([step.micro_batches, step.rows, step.tokens_per_row, steps], [2, 6, 8, 2]);
  assert.equal(data.training_rows, 12);
});

commandTest("what a person reads of a plan and of a run", async (directory) => {
  const run = join(directory, "run");
  const plan = await lapidaryShared(...distill("tiny_a", "--run", run, "--dry-run"));
  assert.match(plan.out, /^\{\n {2}"teacher": /);
  assert.match(
    plan.out,
    /\nteacher {3}3 blocks, 32,136 parameters\nstudent {3}2 blocks, 22,648 parameters\n/,
  );
  assert.match(
    plan.out,
    /\ncontrol {3}as many by cross-entropy alone, [\d.]+ GFLOP at most, about \d\d % of the training's time\n/,
  );
  assert.match(plan.out, /\nmemory {4}[\d.]+ MiB at most\n {10}importance [\d.]+ MiB: teacher /);
  const { out, code } = await lapidaryShared(...distill("tiny_a", "--run", run, "--quiet"));
  assert.equal(code, 0);
  assert.match(out, /^model {5}blocks {5}parameters {2}perplexity\nteacher {8}3 {9}32,136 +[\d.]+\n/);
  assert.ok(out.endsWith(`\nWritten to ${run}: report.html, student/, results.json, log.jsonl\n`));
});
