import assert from "node:assert/strict";
import { type Measured, measureGpu } from "../../bench/gpu/measure.ts";
import { project, RECIPE } from "../../bench/gpu/projection.ts";
import { formatReport } from "../../bench/gpu/report.ts";
import { walkOps } from "../../bench/gpu/walk.ts";
import { statistics } from "../../bench/measure.ts";
import { ALL_OPS } from "../../bench/registry.ts";
import { DeviceError, REGISTRY, type Values } from "../../engine/mod.ts";
import { parseConfig } from "../../model/config/mod.ts";
import { widestActivation } from "../../model/gemma3/mod.ts";
import { tinyJson } from "../support/configs.ts";
import { gpuTest } from "../support/engine.ts";

const MACHINE = {
  device: "A GPU",
  driver: "driver",
  software: false,
  processor: "processor",
  commit: null,
  options: {},
  date: "2026-01-01T00:00:00.000Z",
};
const LIMITS = { gflops: 1000, gigabytes: 100 };

let found: Promise<Measured> | undefined;
const notes: string[] = [];

gpuTest("everything is measured once, on fewer rows where the first number does not fit", async (engine) => {
  const config = parseConfig(tinyJson(3), "config.json");
  const given = { engine, limits: LIMITS, machine: MACHINE, effort: { milliseconds: 0, minimum: 1 } };
  const tooMany = Math.ceil(engine.target.maxBinding / (4 * 6 * widestActivation(config))) + 1;
  found = measureGpu(given, {
    ops: ALL_OPS.map((entry) => ({ ...entry, cases: entry.cases.slice(0, 1) })), // the others are tested elsewhere
    presets: ["pebble"],
    ladder: [{ M: 5, N: 7, K: 3 }],
    pair: { config, drop: [1] },
    rows: [tooMany, 2],
    length: 6,
    steps: 1,
    recipe: true,
  }, (text) => notes.push(text));
  const { walks, ladder, memory, step, tokens, seconds } = await found;
  assert.deepEqual(walks.flatMap(({ failures }) => failures), []);
  assert.deepEqual(
    walks.map(({ subgroupSize }) => subgroupSize > 0),
    engine.target.subgroupSize > 0 ? [true, false] : [false],
  );
  assert.equal(walks[0]!.ops, new Set(ALL_OPS.map(({ op }) => op.name)).size);
  assert.ok(walks[0]!.cases >= walks[0]!.ops);
  assert.ok(ladder.every(({ time, wrong }) => time && wrong === undefined));
  assert.ok(memory.length > 0);
  assert.equal(tokens, 12);
  const whole = step.filter(({ name }) => name === "step").map(({ shape }) => shape);
  assert.deepEqual(whole, [
    "2x6, 3 -> 2 blocks, random weights",
    "2x6, 3 -> 2 blocks, random weights, teacher in bf16",
  ]);
  assert.ok(
    notes.some((note) => note.startsWith(`${tooMany} x 6 tokens do not work here: `)),
    notes.join("\n"),
  );
  assert.deepEqual(Object.keys(seconds), ["correctness of every op", "ladder", "memory", "step"]);
});

Deno.test("the report says what is right, how fast and how long", { sanitizeOps: false }, async () => {
  const measured = await found!, text = formatReport(measured);
  assert.match(text, /^# Lapidary on A GPU\n/);
  assert.match(
    text,
    /- no subgroups: \d+ cases of \d+ ops against float64, each twice for the same bits: all right/,
  );
  assert.match(
    text,
    /the 4,096,000 tokens of gem-3-small's recipe take \*\*[\d.]+ s\*\*, [\d.]+ times the reference's 205\.9 s/,
  );
  const rows = [...text.matchAll(/^\{.*\}$/gm)].map(([line]) => JSON.parse(line));
  assert.equal(rows.length, measured.ladder.length + measured.step.length + measured.memory.length);
  const failing = { subgroupSize: 0, ops: 1, cases: 1, failures: ["add [3]: output 0"] };
  const bad = formatReport({ ...measured, walks: [failing], step: [], tokens: 0 });
  assert.match(bad, /1 WRONG\n {2}- add \[3\]: output 0\n/);
  assert.match(formatReport({ ...measured, recipe: false }), /nothing can be projected from it/);
  assert.match(bad, /There is no right step to project from/);
});

gpuTest("a walk names what is wrong, refused kernels too, and goes on", async (engine) => {
  const entry = REGISTRY.find(({ op }) => op.name === "scale")!, [drawn] = entry.cases;
  const wrong = {
    ...entry,
    cases: [drawn!],
    reference: {
      ...entry.reference,
      forward: ([x]: readonly Values[]) => [{ ...x!, data: x!.data.map(() => 100) }],
    },
  };
  const refused = {
    ...entry,
    cases: [drawn!],
    op: {
      ...entry.op,
      forward: () => {
        throw new DeviceError("Cannot compile it");
      },
    },
  };
  const { failures, cases } = await walkOps(engine, [refused, wrong, entry]);
  assert.equal(cases, 2 + entry.cases.length);
  assert.equal(failures.length, 2);
  assert.equal(failures[0], `scale ${drawn!.name}: Cannot compile it`);
  assert.match(failures[1]!, /^scale .*: output 0: (\d+) of \1 differ/);
});

Deno.test("the recipe is projected from the speed of a step", () => {
  const projection = project({ time: statistics([411.8]), flops: 1e12 }, RECIPE.microBatch)!;
  assert.ok(Math.abs(projection.seconds - 205.9) < 1e-9 && Math.abs(projection.ofReference - 1) < 1e-12);
  assert.equal(projection.petaflop, 0.5);
  assert.equal(project({ time: undefined, flops: 1 }, 8192), undefined);
});
