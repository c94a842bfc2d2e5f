/** A run that is broken off and gone on with: the same bits as one in a single piece. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { StageProgress } from "../../../pipeline/reporter.ts";
import { commandTest } from "../../support/command.ts";
import { sharedEngine } from "../../support/engine.ts";
import { listening, outcomeOf, runSmall, smallConfig, wholeOutcome } from "../../support/small_run.ts";
import { namesIn } from "../../support/temporary.ts";

/** Where a run is broken off: by an error out of nowhere, which keeps nothing, or by its signal. */
interface Break {
  readonly at: string;
  readonly done?: number;
  readonly by: "crash" | "signal";
}

const BREAKS: readonly Break[] = [
  { at: "importance", by: "signal" },
  { at: "piqa of teacher", by: "crash" },
  { at: "perplexity of pruned", by: "crash" },
  { at: "train", done: 1, by: "crash" }, // before the first checkpoint
  { at: "train", done: 4, by: "signal" }, // keeps that step, or one after
  { at: "perplexity of student", by: "signal" }, // a validation between two steps
  { at: "train", done: 9, by: "crash" }, // in the third epoch: the teacher's states come again
  { at: "lambada_openai of student", by: "crash" }, // trained: its weights come from the last checkpoint
  { at: "train control", done: 5, by: "crash" },
  { at: "perplexity of control", done: 2, by: "signal" },
];

const STOPPED = new Error("stopped by the test");

function breaking({ at, done = 0, by }: Break) {
  return listening(({ stage, done: now }: StageProgress, controller) => {
    if (stage !== at || now < done || controller.signal.aborted) return;
    if (by === "signal") controller.abort(STOPPED);
    else throw STOPPED;
  });
}

commandTest(
  "a run that is broken off ten times ends as one in a single piece, bit for bit",
  async (directory) => {
    const engine = await sharedEngine(), config = await smallConfig(directory);
    const broken = join(directory, "broken");
    for (const [i, each] of BREAKS.entries()) {
      const reporter = breaking(each);
      await assert.rejects(runSmall(engine, config, broken, reporter, i > 0), STOPPED, JSON.stringify(each));
      assert.match(reporter.notes.at(-1)!, /--resume goes on with it$/);
      assert.ok(!(await namesIn(broken)).includes(".lock"));
    }
    const last = listening();
    await runSmall(engine, config, broken, last, true);
    assert.deepEqual(await outcomeOf(broken), await wholeOutcome(engine));
    for (const stage of ["importance", "tasks of teacher", "evaluate pruned", "train", "write student"]) {
      assert.ok(last.notes.includes(`${stage}: done before, skipped`), last.notes.join("\n"));
    }
  },
);

commandTest("a finished run is not done again, and what was taken away is", async (directory) => {
  const engine = await sharedEngine(), config = await smallConfig(directory), run = join(directory, "run");
  const results = await runSmall(engine, config, run, listening()), outcome = await outcomeOf(run);
  const again = async () => {
    const reporter = listening();
    assert.deepEqual(await runSmall(engine, config, run, reporter, true), results);
    return reporter.notes.filter((note) => / again,/.test(note)).map((note) => note.split(":")[0]);
  };
  assert.deepEqual(await again(), []);
  await Deno.writeTextFile(join(run, "report.html"), "something else");
  await Deno.remove(join(run, "student", "README.md"));
  assert.deepEqual(await again(), ["card", "report"]);
  await Deno.remove(join(run, "tasks", "pruned.json"));
  await Deno.writeTextFile(join(run, "stages", "importance.json"), "{");
  assert.deepEqual(await again(), ["importance", "tasks of pruned"]);
  // Without its checkpoints, which go at the end, a student that was changed has to be trained again.
  await Deno.writeTextFile(join(run, "student", "model.safetensors"), "damaged");
  const redone = listening();
  await runSmall(engine, config, run, redone, true);
  assert.ok(redone.notes.some((note) => note.startsWith("train: again")));
  const { results: now, ...files } = await outcomeOf(run), { results: before, ...old } = outcome;
  assert.deepEqual([files, now], [old, before]);
});

commandTest("other inputs: what depends on them is done again, and nothing else", async (directory) => {
  const engine = await sharedEngine(), config = await smallConfig(directory), run = join(directory, "run");
  await runSmall(engine, config, run, listening());
  const reporter = listening(), sample = { prompts: ["The owl"], max_new_tokens: 2 };
  const { student } = await runSmall(engine, { ...config, sample }, run, reporter, true).catch((error) => {
    assert.fail(error.message);
  });
  assert.equal(student.samples.length, 1);
  const done = (what: string) =>
    reporter.notes.flatMap((note) => note.includes(what) ? [note.slice(0, note.indexOf(":"))] : []);
  assert.ok(done("skipped").includes("importance") && done("skipped").includes("tasks of teacher"));
  assert.ok(done("again,").includes("evaluate teacher"));
});
