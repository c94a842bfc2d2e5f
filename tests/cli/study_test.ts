/** `study` through the command line: cells, going on, tables. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { addStudy } from "../../cli/study.ts";
import { UsageError } from "../../engine/mod.ts";
import { readResults } from "../../pipeline/results.ts";
import type { StudyResults } from "../../pipeline/study/mod.ts";
import { lapidaryShared, requestOf } from "../support/cli.ts";
import { answerOf, commandTest, goldenPath, settings } from "../support/command.ts";
import { rejectsWith } from "../support/errors.ts";
import { namesIn } from "../support/temporary.ts";

const METHODS = {
  CE: { loss: { kind: "cross_entropy", alpha: 1 } },
  KL: { loss: { alpha: 0, beta: 1 } },
};

/** A study of a tiny teacher. */
async function study(directory: string, ...more: string[]): Promise<string[]> {
  const file = join(directory, "mine.json");
  const settings = { prune: { count: 1 }, train: { max_steps: 2, micro_batch: 2, accumulation: 1 } };
  const data = { files: [goldenPath("tiny_a_golden/rows.jsonl")] };
  const content = {
    settings: { ...settings, data, evaluate: { tasks: [] } },
    methods: METHODS,
    seeds: [1, 2],
  };
  await Deno.writeTextFile(file, JSON.stringify(content));
  return ["study", file, "--teacher", goldenPath("tiny_a"), "--out", join(directory, "out"), ...more];
}

commandTest("study: a run for each cell, the tables, and nothing anew the second time", async (directory) => {
  const args = await study(directory), out = join(directory, "out"), cells = join(out, "cells");
  const { code, out: text } = await lapidaryShared(...args, "--quiet");
  assert.equal(code, 0);
  assert.deepEqual(await namesIn(out), ["cells", "study.json", "study.md"]);
  const results: StudyResults = JSON.parse(await Deno.readTextFile(join(out, "study.json")));
  assert.equal(
    text,
    `${await Deno.readTextFile(join(out, "study.md"))}\nWritten to ${out}: study.md, study.json, cells/\n`,
  );
  assert.deepEqual(results.cells.map(({ method, seed }) => [method, seed]), [
    ...[["CE", 1], ["KL", 1], ["CE", 2], ["KL", 2]],
  ]);
  const runs = await Promise.all(results.cells.map(({ run }) => readResults(join(out, run))));
  assert.ok(runs.every(({ control, config }) => control === null && config.teacher === goldenPath("tiny_a")));
  // Within a seed what comes before training was measured once.
  assert.deepEqual(runs.map(({ seconds }) => "evaluate teacher" in seconds), [true, false, true, false]);
  assert.deepEqual(runs[0]!.teacher, runs[1]!.teacher);
  assert.notDeepEqual(runs[0]!.student, runs[1]!.student);

  const written = async () => {
    const times = [];
    for (const name of await namesIn(cells)) {
      times.push((await Deno.stat(join(cells, name, "results.json"))).mtime);
    }
    return times;
  };
  const before = await written();
  assert.deepEqual(await answerOf<StudyResults>(...args), results);
  assert.deepEqual(await written(), before);

  // A cell that was stopped goes on; the others stay.
  const stopped = join(cells, (await namesIn(cells))[0]!), [first] = before;
  await Deno.remove(join(stopped, "results.json"));
  const plan = await answerOf<{ cell: string; finished: boolean }[]>(...args, "--dry-run");
  assert.deepEqual(plan.filter(({ finished }) => !finished).map(({ cell }) => join(cells, cell)), [stopped]);
  const { cells: again, ...same } = await answerOf<StudyResults>(...args);
  assert.deepEqual({ ...same, cells: again.map(({ seconds: _, ...cell }) => cell) }, {
    ...results,
    cells: results.cells.map(({ seconds: _, ...cell }) => cell),
  });
  const after = await written();
  assert.deepEqual(after.slice(1), before.slice(1));
  assert.ok(after[0]! > first!);
});

commandTest("a cell of a study gives what distill gives", async (directory) => {
  const { cells } = await answerOf<StudyResults>(...await study(directory, "--seeds", "2"));
  const [, cell] = cells, run = join(directory, "out", cell!.run);
  const alone = join(directory, "alone");
  await answerOf("distill", "--preset", join(run, "config.resolved.json"), "--run", alone);
  const [ours, theirs] = [await readResults(run), await readResults(alone)];
  assert.deepEqual(ours.config, theirs.config);
  for (const model of ["teacher", "pruned", "student"] as const) assert.deepEqual(ours[model], theirs[model]);
});

Deno.test("study: methods from a grid, seeds, baseline, output", async () => {
  const { definition, cells, out, dryRun } = await requestOf(
    addStudy,
    ...["study", "--vary", "loss.kind=jsd,tvd", "--vary", "loss.temperature=1,2", "--seeds", "4,5"],
    ...["--baseline", "kind=tvd temperature=2", "--teacher", "t", "--data", "a.txt", "--dry-run"],
    ...settings("train.lr=1"),
  );
  assert.deepEqual([out, dryRun, cells.length], ["runs/study-grid", true, 8]);
  assert.deepEqual([definition.baseline, definition.seeds], ["kind=tvd temperature=2", [4, 5]]);
  const { teacher, data, train, loss } = cells.at(-1)!.config;
  assert.deepEqual([teacher, data.files, train.lr], ["t", ["a.txt"], 1]);
  assert.deepEqual([loss.kind, loss.temperature], ["tvd", 2]);
  assert.equal((await requestOf(addStudy, "study")).out, "runs/study-pebble-losses");
});

const refused: [args: string, message: string][] = [
  [
    "study pebble-losses --vary loss.kind=jsd",
    "Cannot take the methods both from pebble-losses and from --vary; write them into one study file",
  ],
  [
    "study --preset gem-3-mini",
    "Cannot study the preset gem-3-mini: it names no teacher; name a model directory, .gguf file or name on the hub with --teacher",
  ],
  [
    "study --vary loss.kind=jsd --seeds 1,1",
    "Cannot use the study --vary: seeds: each seed may be given once",
  ],
];
for (const [args, message] of refused) {
  Deno.test(`study is refused: ${args}`, () =>
    rejectsWith(requestOf(addStudy, ...args.split(" ")), UsageError, message));
}
