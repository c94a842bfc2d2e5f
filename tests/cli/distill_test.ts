/** `distill` through the command line: a complete run directory, and a plan that holds. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { listen } from "../../engine/mod.ts";
import { openModel } from "../../model/weights/mod.ts";
import type { RunPlan } from "../../pipeline/dry_run.ts";
import { recovery, type Results } from "../../pipeline/results.ts";
import { lapidary, lapidaryShared } from "../support/cli.ts";
import { answerOf, commandTest, goldenPath, settings } from "../support/command.ts";
import { withGoldenModel } from "../support/golden_models.ts";
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
  assert.deepEqual(await namesIn(run), ["config.resolved.json", "log.jsonl", "results.json", "student"]);
  assert.deepEqual(await read(run, "results.json"), answer);
  assert.deepEqual(await read(run, "config.resolved.json"), answer.config);
  assert.deepEqual([answer.config.seed, answer.config.train.max_steps], [7, 2]);
  const log = (await Deno.readTextFile(join(run, "log.jsonl"))).trimEnd().split("\n");
  assert.deepEqual(log.map((line) => JSON.parse(line).step), [1, 2]);
  const { teacher, pruned, student, importance, training } = answer;
  assert.deepEqual([teacher.layers, pruned.layers, student.layers], [5, 4, 4]);
  assert.deepEqual(answer.drop, importance!.order.slice(0, 1));
  assert.deepEqual(answer.data, { training_rows: 9, validation_rows: 3 });
  assert.deepEqual([training.steps, training.warnings], [2, []]);
  assert.ok(teacher.samples.length === 1 && student.samples.length === 1);
  assert.ok(Math.abs(Math.log(student.perplexity) - student.cross_entropy) < 1e-9);
  assert.equal(
    answer.recovery,
    recovery(teacher.cross_entropy, pruned.cross_entropy, student.cross_entropy),
  );
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

commandTest("--dry-run writes nothing, and its memory is what training then allocates", async (directory) => {
  const [run, pruned, out] = ["run", "pruned", "out"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  const same = settings("train.micro_batch=6", "data.validation=0", "data.max_length=8", "prune.drop=2");
  const { step, steps, data } = await answerOf<RunPlan>(
    ...distill("tiny_d", "--run", run, "--dry-run"),
    ...same,
  );
  assert.deepEqual(await namesIn(directory), []);
  assert.deepEqual([step.micro_batches, step.rows, step.tokens_per_row, steps], [2, 6, 8, 2]);
  assert.equal(data.training_rows, 12);
  assert.equal(step.peak_bytes, Object.values(step.memory_bytes).reduce((a, b) => a + b));
  assert.ok(step.flops > 0 && step.dispatches > 0);
  await answerOf("prune", "--model", goldenPath("tiny_d"), "--drop", "2", "--out", pruned);
  let now = 0, peak = 0;
  const stop = listen((event) => {
    if (event.kind === "allocate") peak = Math.max(peak, now += event.bytes);
    if (event.kind === "free") now -= event.bytes;
  });
  // An engine of its own, whose memory is this training's alone.
  const { code } = await lapidary(
    ...["train", "--teacher", goldenPath("tiny_d"), "--student", pruned, "--out", out],
    ...["--data", goldenPath("tiny_d_golden/rows.jsonl"), "--quiet"],
    ...settings("train.micro_batch=6", "train.accumulation=2", "train.max_steps=2", "data.max_length=8"),
  );
  stop();
  assert.equal(code, 0);
  assert.ok(Math.abs(peak / step.peak_bytes - 1) <= 0.05, `${peak} bytes for ${step.peak_bytes} planned`);
});

commandTest("what a person reads of a plan and of a run", async (directory) => {
  const run = join(directory, "run");
  const plan = await lapidaryShared(...distill("tiny_a", "--run", run, "--dry-run"));
  assert.match(plan.out, /^\{\n {2}"teacher": /);
  assert.match(
    plan.out,
    /\nteacher {3}3 blocks, 32,136 parameters\nstudent {3}2 blocks, 22,648 parameters\n/,
  );
  assert.match(plan.out, /\nmemory {4}[\d.]+ MiB while training: input /);
  const { out, code } = await lapidaryShared(...distill("tiny_a", "--run", run, "--quiet"));
  assert.equal(code, 0);
  assert.match(out, /^model {5}blocks {5}parameters {2}perplexity\nteacher {8}3 {9}32,136 +[\d.]+\n/);
  assert.ok(out.endsWith(`\nWritten to ${run}: student/, results.json, log.jsonl\n`));
});
