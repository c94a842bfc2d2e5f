/** `program`: what a run gives the device, as text, JSON and a graph, and what a change does to it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { ProgramDiff, ProgramJson } from "../../engine/mod.ts";
import { lapidaryShared } from "../support/cli.ts";
import { answerOf, commandTest, goldenPath, settings } from "../support/command.ts";
import { gpuTest } from "../support/engine.ts";

const MODEL = goldenPath("tiny_a"), ROWS = goldenPath("tiny_a_golden/rows.jsonl");
const RUN = ["--teacher", MODEL, "--data", ROWS];
const SMALL = settings("prune.count=1", "train.micro_batch=1");
const show = ["program", "distill", ...RUN, ...SMALL, "--set", "evaluate.tasks="];

gpuTest("program distill lists the Programs of a run, and prints the one of a step", async () => {
  const programs = await answerOf<{ name: string; dispatches: number }[]>(...show);
  const names = programs.map(({ name }) => name.replaceAll(/\d+/g, "#"));
  assert.deepEqual(names.slice(0, 3), ["step", "step of the control", "token losses #x#"]);
  const { code, out, err } = await lapidaryShared(...show, "--step");
  assert.deepEqual([code, err], [0, ""]);
  assert.match(
    out,
    new RegExp(`^program step: ${programs[0]!.dispatches} dispatches, [\\d,]+ slots\n   0 embedding in `),
  );
  assert.match(out, / in micro-batch 0\/student\/backward\/block 1\/mlp\n/);
  assert.match(out, /\nmemory: input .*, in all [\d,]+ B\n$/);
});

commandTest("program diff compares saved Programs and settings alike", async (directory) => {
  const file = join(directory, "step.json");
  const step = await answerOf<ProgramJson>(...show, "--step");
  await Deno.writeTextFile(file, JSON.stringify(step));
  const common = "prune.count=1 train.micro_batch=1 evaluate.tasks=";
  const compare = (...sides: string[]) => lapidaryShared("program", "diff", ...sides, ...RUN);
  assert.equal(
    (await compare(file, common)).out,
    `The Programs are the same: ${step.dispatches.length} dispatches\n`,
  );
  const changed = `${common} train.recompute=block`;
  const diff = await answerOf<ProgramDiff>("program", "diff", file, changed, ...RUN);
  assert.ok(diff.total.after.dispatches > diff.total.before.dispatches);
  assert.deepEqual(diff.total.before.dispatches, step.dispatches.length);
  assert.ok(
    diff.kernels.every(({ before, after }) => after.dispatches > before.dispatches),
    "only more of what there was",
  );
});

commandTest("a graph of a list, a file that is no Program, settings that are none", async (directory) => {
  const saved = async (name: string, text: string) => {
    const path = join(directory, name);
    await Deno.writeTextFile(path, text);
    return path;
  };
  const old = await saved("old.json", '{"format": "lapidary program 0"}');
  const other = await saved("other.json", "[]"), broken = await saved("broken.json", "{");
  const cure = 'write one with "lapidary program distill --step --json"';
  const diff = (a: string) => ["program", "diff", a, a, ...RUN];
  const cases: [args: string[], code: number, message: string][] = [
    [[...show, "--dot"], 2, "Cannot draw a list of Programs; add --step to --dot"],
    [[...show, "--step", "--dot", "--json"], 2, "Cannot write both --json and --dot; choose one"],
    [
      diff("bases"),
      2,
      'Cannot compare "bases": it is no .json file and no settings; give key=value, "base" or a file',
    ],
    [diff(other), 1, `Cannot compare the Program in ${other}: it holds no Program; ${cure}`],
    [diff(broken), 1, `Cannot compare the Program in ${broken}: it is not JSON; ${cure}`],
    [
      diff(old),
      1,
      `Cannot compare the Program in ${old}: it says "lapidary program 0" and this version reads "lapidary program 1"; ${cure}`,
    ],
  ];
  const teacherless = join(directory, "mine.json");
  await Deno.writeTextFile(teacherless, '{"train": {"lr": 1e-4}}');
  cases.push([
    ["program", "distill", "--preset", teacherless, "--step"],
    2,
    `Cannot record the Programs of the preset ${teacherless}: it names no teacher; name a model with --teacher`,
  ]);
  for (const [args, code, message] of cases) {
    assert.deepEqual(await lapidaryShared(...args), { code, out: "", err: `error: ${message}\n` });
  }
});
