/** Each benchmark once at tiny sizes: what it computes is right and what it counts is all there. Times are not judged. */
import assert from "node:assert/strict";
import { measureLimits } from "../../bench/limits.ts";
import { runBench } from "../../bench/main.ts";
import { benchLadder, variantsFor } from "../../bench/ladder.ts";
import { benchOps } from "../../bench/ops.ts";
import type { Row } from "../../bench/report.ts";
import { SHAPES } from "../../bench/shapes.ts";
import { benchStep } from "../../bench/step.ts";
import { countCreated } from "../../bench/training/created.ts";
import { REGISTRY, type Values } from "../../engine/mod.ts";
import { parseConfig } from "../../model/config/mod.ts";
import { LOSS_REGISTRY } from "../../train/losses/mod.ts";
import { tinyJson } from "../support/configs.ts";
import { gpuTest } from "../support/engine.ts";

/** Of no machine: shares are not judged. */
const LIMITS = { gflops: 100, gigabytes: 10 };
const ONCE = { milliseconds: 0, minimum: 1 };
const OPS = [...REGISTRY, ...LOSS_REGISTRY];

/** Every row has a time and a right result. */
function assertSound(rows: readonly Row[]): void {
  for (const { name, shape, time, wrong } of rows) {
    assert.equal(wrong, undefined, `${name} ${shape}: ${wrong}`);
    assert.ok(time && time.p50 >= 0 && time.n >= 1, `${name} ${shape} has no time`);
  }
}

gpuTest("limits: both are positive and the multiply-adds right", async (engine) => {
  const { limits, rows } = await measureLimits(engine, { milliseconds: 1, samples: 3, copyBytes: 2 ** 20 });
  assertSound(rows);
  assert.ok(limits.gflops > 0 && limits.gigabytes > 0);
});

gpuTest("ladder: every variant in every layout", async (engine) => {
  const sizes = [{ M: 5, N: 7, K: 3 }, { M: 20, N: 68, K: 36 }],
    rows = await benchLadder(engine, sizes, ONCE);
  assertSound(rows);
  const variants = sizes.map((size) => variantsFor(engine, size));
  assert.ok(variants.every((served) => served.includes("naive") && served.includes("tiled")));
  assert.equal(rows.length, 3 * variants.flat().length);
  assert.ok(rows.every(({ checked }) => checked));
  assert.equal(rows[0]!.flops, 2 * 5 * 7 * 3);
});

gpuTest("ops: every op, a row for each kind of dispatch", async (engine) => {
  const tiny = new Map(OPS.map(({ op, cases }) => [op.name, [cases[0]!]]));
  const rows = await benchOps(engine, OPS, tiny, ONCE);
  assertSound(rows);
  assert.ok(rows.every(({ checked }) => checked));
  for (const name of ["matmul", "matmul.backward", "rms_norm", "distillation_loss.backward"]) {
    assert.ok(rows.some((row) => row.name === name), `${name} is missing`);
  }
});

gpuTest("ops: a wrong result is told and has no time", async (engine) => {
  const entry = REGISTRY.find(({ op }) => op.name === "scale")!;
  const wrong = {
    ...entry,
    reference: {
      ...entry.reference,
      forward: ([x]: readonly Values[]) => [{ ...x!, data: x!.data.map(() => 100) }],
    },
  };
  const [row] = await benchOps(engine, [wrong], new Map([["scale", [entry.cases[0]!]]]), ONCE);
  assert.match(row!.wrong!, /^output 0: (\d+) of \1 differ, most at \d+: got .*, expected 100$/);
  assert.equal(row!.time, undefined);
});

gpuTest("ops: an op without shapes is an error", async (engine) => {
  await assert.rejects(
    benchOps(engine, REGISTRY, new Map(), ONCE),
    new TypeError("Cannot benchmark add as it has no shapes; give it some in shapes.ts"),
  );
});

Deno.test("every op has shapes to be measured at", () => {
  const names = new Set(OPS.map(({ op }) => op.name));
  assert.deepEqual([...SHAPES.keys()].sort(), [...names].sort());
});

gpuTest("step: it learns, creates nothing once it runs, and its parts are all there", async (engine) => {
  const config = parseConfig(tinyJson(3), "config.json");
  const rows = await benchStep(engine, LIMITS, { config, drop: [1], B: 2, T: 6 }, {
    milliseconds: 0,
    minimum: 3,
  });
  assertSound(rows);
  const [step, dispatches, ...longest] = rows;
  assert.equal(step!.shape, "2x6, 3 -> 2 blocks");
  assert.equal(step!.facts!["objects created a step"], 0);
  assert.ok(step!.facts!.dispatches! > 100);
  assert.equal(longest.length, 10);
  assert.ok(longest.reduce((sum, { flops }) => sum + flops, 0) <= dispatches!.flops);
});

gpuTest("objects created on a device are counted", async ({ device: { gpu } }) => {
  const made = await countCreated(gpu, () => {
    gpu.createBuffer({ size: 16, usage: GPUBufferUsage.COPY_DST }).destroy();
    gpu.createBuffer({ size: 16, usage: GPUBufferUsage.COPY_DST }).destroy();
    return Promise.resolve();
  });
  assert.equal(made, 2);
  assert.ok(!Object.hasOwn(gpu, "createBuffer"));
});

Deno.test("the command line refuses what it does not know", async () => {
  const refused = async (...args: string[]) => {
    let text = "";
    const streams = { stdout: (out: string) => text += out, stderr: (out: string) => text += out };
    return [await runBench(args, streams), text];
  };
  assert.deepEqual(await refused("opps"), [
    2,
    `error: unknown command 'opps'\n(Did you mean ops?)\n(add "--help" for usage)\n`,
  ]);
  assert.deepEqual(await refused("ops", "--out", "../x"), [
    2,
    "error: option '--out <name>' argument '../x' is invalid. It must be of letters, digits, dots, dashes and underscores.\n" +
    '(add "--help" for usage)\n',
  ]);
  assert.deepEqual(await refused("ops", "--milliseconds", "-1"), [
    2,
    "error: option '--milliseconds <n>' argument '-1' is invalid. It must be a number above 0.\n" +
    '(add "--help" for usage)\n',
  ]);
  assert.deepEqual(await refused("compare", "no such file", "neither"), [
    2,
    'error: Cannot find results "no such file": there is neither bench/results/no such file.jsonl nor a file of that ' +
    "path; measure some with --out\n",
  ]);
});

Deno.test("every command explains itself with examples", async () => {
  for (const name of ["ops", "ladder", "loss", "step", "memory", "real", "gpu", "all", "compare", "charts"]) {
    let text = "";
    const code = await runBench([name, "--help"], { stdout: (out) => text += out, stderr: () => {} });
    assert.equal(code, 0);
    assert.match(text, /Examples:\n {2}.*\.\/lapidary bench/, name);
    assert.match(text, /Exit codes: 0 /, name);
  }
});
