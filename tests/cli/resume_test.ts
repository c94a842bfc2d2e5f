/** `--resume`: what is gone on with, bit for bit, and what is refused. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Reporter } from "../../pipeline/reporter.ts";
import { runPretrain } from "../../pipeline/pretrain.ts";
import { runTrain } from "../../pipeline/train.ts";
import { resolveConfig } from "../../train/config/mod.ts";
import type { StepRecord } from "../../train/log.ts";
import { lapidaryShared } from "../support/cli.ts";
import { commandTest, goldenPath, settings } from "../support/command.ts";
import { sharedEngine } from "../support/engine.ts";
import { lapidaryProcess } from "../support/process.ts";
import { listening, outcomeOf, smallArguments, wholeOutcome, withoutTimes } from "../support/small_run.ts";
import { namesIn } from "../support/temporary.ts";

const STOPPED = new Error("stopped by the test");

commandTest(
  "SIGTERM in a run: exit 143 with a checkpoint of that step; --resume needs no other flag",
  async (directory) => {
    const run = join(directory, "run"), args = await smallArguments(directory);
    const process = (await lapidaryProcess([...args, "--run", run, "--set", "train.checkpoint_every=1000"]))
      .spawn();
    const out = new Response(process.stdout).text();
    let err = "", sent = false;
    for await (const text of process.stderr.pipeThrough(new TextDecoderStream())) {
      err += text;
      if (sent || !err.includes('"stage":"train"')) continue;
      process.kill("SIGTERM");
      sent = true;
    }
    assert.deepEqual([(await process.status).code, await out], [143, ""]);
    const [checkpoint] = await namesIn(join(run, "checkpoints"));
    assert.match(checkpoint!, /^student-0000\d\d\.safetensors$/);
    const { code, err: notes } = await lapidaryShared("distill", "--run", run, "--resume");
    assert.equal(code, 0);
    assert.match(notes, /"note":"importance: done before, skipped"/);
    assert.match(
      notes,
      new RegExp(`train: goes on after step \\d+, from ${join(run, "checkpoints", checkpoint!)}`),
    );
    const { results: { config: _, ...results }, ...outcome } = await outcomeOf(run) as {
      results: { config: unknown };
    };
    const { results: { config: __, ...expected }, ...whole } = await wholeOutcome(await sharedEngine()) as {
      results: { config: unknown };
    };
    assert.deepEqual([outcome, results], [whole, expected]);
  },
);

commandTest("train that was stopped goes on to the same student and log", async (directory) => {
  const engine = await sharedEngine(), student = goldenPath("tiny_a");
  const config = await resolveConfig({
    flags: { teacher: goldenPath("tiny_a"), data: { files: [goldenPath("tiny_a_golden/rows.jsonl")] } },
    set: [
      "train.metrics_every=1",
      "train.epochs=2",
      "train.micro_batch=2",
      "train.accumulation=1",
      "train.keep_teacher_states=true",
    ],
  });
  const train = (out: string, reporter: Reporter, resume: boolean) =>
    runTrain(() => Promise.resolve(engine), student, out, config, reporter, resume);
  const [whole, broken] = ["whole", "broken"].map((name) => join(directory, name)) as [string, string];
  const { seconds: _, ...expected } = await train(whole, listening(), false);
  for (const at of [2, 5, 8]) {
    const stopping = listening(({ done }, controller) => {
      if (done >= at) controller.abort(STOPPED);
    });
    await assert.rejects(train(broken, stopping, at > 2), STOPPED);
    assert.deepEqual(
      stopping.notes.at(-1),
      `The log of the steps so far is in ${broken}.log.jsonl; --resume goes on ` +
        `from ${broken}.checkpoints`,
    );
  }
  const { seconds: __, ...summary } = await train(broken, listening(), true);
  const withoutRate = ({ last, ...rest }: typeof summary) => ({
    ...rest,
    last: { ...last, tokensPerSecond: 0 },
  });
  assert.deepEqual(withoutRate(summary), withoutRate(expected));
  await assertSame(whole, broken);
  assert.deepEqual(await namesIn(directory), ["broken", "whole"]);
  const { code, err } = await lapidaryShared(
    ...["train", "--student", student, "--teacher", student, "--data", config.data.files[0]!, "--out", whole],
    "--resume",
  );
  assert.deepEqual([code, err], [
    2,
    `error: Cannot resume ${whole}: it is complete; name another place with --out to train again\n`,
  ]);
});

commandTest("pretrain that was stopped goes on to the same teacher and log", async (directory) => {
  const engine = await sharedEngine(), job = { seed: 3, steps: 6 };
  const [whole, broken] = ["whole", "broken"].map((name) => join(directory, name)) as [string, string];
  await runPretrain(engine, { ...job, out: whole });
  const controller = new AbortController(),
    onStep = ({ step }: StepRecord) => {
      if (step >= 3) controller.abort(STOPPED);
    };
  await assert.rejects(
    runPretrain(engine, { ...job, out: broken, signal: controller.signal, onStep }),
    STOPPED,
  );
  const notes: string[] = [];
  await runPretrain(engine, { ...job, out: broken, resume: true, note: (text) => void notes.push(text) });
  assert.match(notes.join("\n"), /pretrain: goes on after step [3-5], from /);
  await assertSame(whole, broken);
});

/** Two trained models and their logs, times aside. */
async function assertSame(a: string, b: string): Promise<void> {
  const log = async (out: string) =>
    (await Deno.readTextFile(join(out, "log.jsonl"))).trimEnd().split("\n").map(withoutTimes);
  assert.deepEqual(await log(b), await log(a));
  const weights = (out: string) => Deno.readFile(join(out, "model.safetensors"));
  assert.deepEqual(await weights(b), await weights(a));
}

commandTest("what --resume refuses", async (directory) => {
  const run = join(directory, "run"),
    other = join(directory, "other"),
    args = await smallArguments(directory);
  const finished = await lapidaryShared(...args, "--run", run, "--quiet");
  assert.equal(finished.code, 0);
  await Deno.mkdir(other);
  await Deno.writeTextFile(join(other, "thesis.txt"), "years of work");
  const kernels = JSON.parse(await Deno.readTextFile(join(run, "kernels.json")));
  const damage = async (content: unknown) => {
    await Deno.writeTextFile(
      join(run, "kernels.json"),
      typeof content === "string" ? content : JSON.stringify(content),
    );
    return ["distill", "--run", run, "--resume"];
  };
  const refusals: [string[] | (() => Promise<string[]>), RegExp][] = [
    [["distill", "--resume"], /^error: Cannot resume: there is no run; name its directory with --run\n$/],
    [
      ["distill", "--run", other, "--resume"],
      /^error: Cannot resume .*other: it has no config.resolved.json; check --run, or name a --preset to begin there\n$/,
    ],
    [
      [...args, "--run", other, "--resume"],
      /^error: Cannot resume .*other: it has no config.resolved.json, so it holds no run of distill; check --run\n$/,
    ],
    [
      [...args, ...settings("train.lr=2e-3"), "--run", run, "--resume"],
      /^error: Cannot resume .*run with other settings: train.lr was 0.001 and is 0.002; leave the flags away/,
    ],
    [
      () => damage({ ...kernels, adapter: "another GPU" }),
      /^error: Cannot resume .*run bit for bit: it was begun with the adapter "another GPU" and this is ".*"; resume it/,
    ],
    [
      () => damage({ ...kernels, kernels: "0123" }),
      /^error: Cannot resume .*run bit for bit: it was begun with Lapidary's kernels "0123" and this is /,
    ],
    [
      () => damage("{"),
      /^error: Cannot resume .*run bit for bit: .*kernels.json is damaged, .*; begin anew\n$/,
    ],
  ];
  for (const [command, message] of refusals) {
    const { code, err } = await lapidaryShared(
      ...typeof command === "function" ? await command() : command,
      "--quiet",
    );
    assert.match(err, message);
    assert.ok(code > 0);
  }
  assert.deepEqual(await namesIn(other), ["thesis.txt"]);
  // A run that is not there yet begins: the same command serves however often it was stopped.
  const begun = await lapidaryShared(...args, "--run", join(directory, "new"), "--resume", "--quiet");
  assert.equal(begun.code, 0);
});
