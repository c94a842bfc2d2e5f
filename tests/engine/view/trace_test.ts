import assert from "node:assert/strict";
import {
  createTensor,
  DeviceError,
  type Engine,
  matmul,
  measureLimits,
  openEngine,
  output,
  record,
  rmsNorm,
  scale,
  scope,
  timeDispatches,
  trace,
  watchDispatches,
} from "../../../engine/mod.ts";
import { createStopwatch } from "../../../engine/gpu/timestamps.ts";
import { gpuTest } from "../../support/engine.ts";
import { rejectsWith, throwsWith } from "../../support/errors.ts";
import { TARGET } from "../../support/target.ts";

const OPERATIONS = `[traced] 0 scale x0s [12] -> y [12] in mlp
[traced] 1 matmul A [3, 4], B [5, 4] -> C [3, 5] in mlp
[traced] 2 copy x0s [15] -> y [15]
`;

/** Prepares and runs a small Program twice; answers its text and its last value. */
async function traced(engine: Engine, level: number): Promise<{ text: string; values: number[] }> {
  let text = "";
  const stop = trace(engine, level, (line) => text += line);
  const x = createTensor("x", "input", [3, 4]), w = createTensor("w", "parameter", [5, 4]);
  await engine.write(x, Float32Array.from({ length: 12 }, (_, i) => i));
  await engine.write(w, Float32Array.from({ length: 20 }, (_, i) => i % 3));
  const { program, result } = record("traced", engine.target, () => {
    return output("y", scope("mlp", () => matmul(scale(x, 2), w, "NT")));
  });
  const prepared = await engine.prepare(program);
  engine.run(prepared);
  engine.run(prepared);
  const values = [...await engine.read(result)];
  await stop();
  return { text, values };
}

gpuTest("TRACE=1 writes ops and shapes as a Program is prepared", async (engine) => {
  const { text } = await traced(engine, 1);
  assert.equal(text, OPERATIONS);
  assert.equal(engine.observer, undefined);
});

gpuTest(
  "TRACE=2 writes each run's kernels with their measured time, and changes no value",
  async (engine) => {
    if (!engine.device.timestamps) return console.log("skipped: the adapter has no timestamp queries");
    const { text, values } = await traced(engine, 2);
    assert.ok(text.startsWith(OPERATIONS));
    const runs = text.slice(OPERATIONS.length).replace(/\d+\.\d+/g, "#");
    const rates = "# ms # GB/s # GFLOP/s";
    const pattern = new RegExp(
      `^(\\[traced\\] 0 scale generated/scale\\.vec4\\.wgsl ${rates}\n` +
        `\\[traced\\] 1 matmul ops/matmul/\\w+\\.wgsl .*${rates}\n` +
        `\\[traced\\] 2 copy generated/copy\\.wgsl ${rates}\n` +
        `\\[traced\\] total ${rates}\n){2}$`,
    );
    assert.match(runs, pattern);
    assert.deepEqual(values, (await traced(engine, 0)).values);
  },
);

/** The Program that engine/view/README.md shows, recorded for a device without subgroups: the same text everywhere. */
gpuTest("TRACE=5 writes what engine/view/README.md shows", async () => {
  const engine = await openEngine(); // of its own, as the places are those of an empty pool
  if (!engine.device.timestamps) return console.log("skipped: the adapter has no timestamp queries");
  let text = "";
  const stop = trace(engine, 5, (line) => text += line, { gflops: 100, gigabytes: 1e-3 });
  const x = createTensor("x", "input", [3, 4]), w = createTensor("w", "parameter", [4]);
  await engine.write(x, Float32Array.from({ length: 12 }, (_, i) => i - 4));
  await engine.write(w, Float32Array.of(0, 0.5, 0, -1));
  const { program } = record("traced", TARGET, () => {
    return output("y", scale(scope("norm", () => rmsNorm(x, w, 1e-6)), 2));
  });
  const prepared = await engine.prepare(program);
  engine.run(prepared);
  await stop();
  engine.close();
  const readme = await Deno.readTextFile(new URL("../../../engine/view/README.md", import.meta.url));
  const shown = readme.match(/```text\n([^]*?)```/)![1]!;
  const rates = /\d+\.\d+ ms \d+\.\d+ GB\/s \d+\.\d+ GFLOP\/s \d+ % of memory/g;
  assert.equal(text.match(rates)?.length, 3);
  assert.equal(text.replace(rates, "# ms # GB/s # GFLOP/s # % of memory"), shown);
});

gpuTest("TRACE=4 shows the WGSL of a kernel once; TRACE=3 tells the fullest moment", async (engine) => {
  if (!engine.device.timestamps) return console.log("skipped: the adapter has no timestamp queries");
  const { text } = await traced(engine, 4), lines = text.split("\n");
  const kernels = lines.filter((line) => line.startsWith("[traced] wgsl "));
  assert.equal(kernels.length, 3);
  assert.match(kernels[2]!, /^\[traced\] wgsl generated\/copy\.wgsl of 2$/);
  assert.ok(
    lines.some((line) => /^\[traced\] +\d+\| {3}y\[i\] = /.test(line)),
    "the line that stores a result",
  );
  assert.ok(lines.includes("[traced] temporaries take most at 1 matmul: 512 B in 2 slots: scale, matmul"));
});

gpuTest("TRACE=5 counts NaN, and samples what is long without changing it", async (engine) => {
  if (!engine.device.timestamps) return console.log("skipped: the adapter has no timestamp queries");
  let text = "";
  const x = createTensor("x", "input", [10_001]);
  await engine.write(x, new Float32Array(10_001).fill(2).fill(NaN, 10_000));
  const { program, result } = record("long", engine.target, () => output("y", scale(x, 2)));
  const stop = trace(engine, 5, (line) => text += line);
  engine.run(await engine.prepare(program));
  const values = await engine.read(result);
  await stop();
  assert.match(text, /^\[long\] 0 scale y \[10001\] min 4 max 4 mean 4 NaN 1 in 4,096 of 10,001$/m);
  assert.deepEqual([values[0], values[9_999], values[10_000]], [4, 4, NaN]);
});

gpuTest("a Program is watched: every value on the way, and the bits of a run without", async (engine) => {
  const x = createTensor("x", "input", [3]);
  await engine.write(x, Float32Array.of(1, 2, 3));
  const { program, result } = record("watched", engine.target, () => {
    return output("y", scale(scale(x, 2), 5));
  }, { fuse: false });
  const prepared = await engine.prepare(program);
  const kept = await watchDispatches(engine, prepared, ({ tensors }, i) => i < 2 ? [x, tensors.y!] : []);
  assert.deepEqual(kept.map((values) => values.map((value) => [...value])), [
    [[1, 2, 3], [2, 4, 6]],
    [[1, 2, 3], [10, 20, 30]],
    [],
  ]);
  assert.deepEqual([...await engine.read(result)], [10, 20, 30]);
  assert.deepEqual(await watchDispatches(engine, prepared, () => []), [[], [], []]);
});

gpuTest("the limits of a device are measured", async (engine) => {
  if (!engine.device.timestamps) return console.log("skipped: the adapter has no timestamp queries");
  const { gflops, gigabytes } = await measureLimits(engine);
  assert.ok(gflops > 0.1 && gflops < 1e6, `${gflops} GFLOP/s`);
  assert.ok(gigabytes > 0.1 && gigabytes < 1e5, `${gigabytes} GB/s`);
});

gpuTest("an engine takes one trace at a time", async (engine) => {
  const stop = trace(engine, 1, () => {});
  throwsWith(
    () => trace(engine, 1, () => {}),
    TypeError,
    "Cannot trace an engine that has an observer already",
  );
  await stop();
  await trace(engine, 1, () => {})();
});

gpuTest("dispatches are timed one by one, more of them than one query set holds", async (engine) => {
  if (!engine.device.timestamps) return console.log("skipped: the adapter has no timestamp queries");
  const x = createTensor("x", "input", [4]), count = 2100;
  await engine.write(x, new Float32Array(4).fill(1));
  const { program, result } = record("long", engine.target, () => {
    let y = x;
    for (let i = 1; i < count; i++) y = scale(y, i % 2 ? 2 : 0.5);
    return output("y", y);
  }, { fuse: false });
  const times = await timeDispatches(engine, await engine.prepare(program));
  assert.equal(times.length, count);
  assert.ok(
    times.every((time) => time >= 0 && time < 1000),
    "each time is a plausible number of milliseconds",
  );
  assert.ok(times.at(-1)! > 0, "the second query set is read too");
  assert.deepEqual([...await engine.read(result)], [2, 2, 2, 2]);
});

gpuTest("a device without timestamp queries says so", async ({ device }) => {
  const blind = { ...device, info: { description: "blind" } as GPUAdapterInfo, timestamps: false };
  await rejectsWith(
    createStopwatch(blind, 1),
    DeviceError,
    'Cannot time dispatches as the GPU "blind" offers no timestamp queries; use TRACE=1',
  );
});

gpuTest("a trace whose device fails tells the failure when it is stopped", async () => {
  const engine = await openEngine();
  if (!engine.device.timestamps) return console.log("skipped: the adapter has no timestamp queries");
  const x = createTensor("x", "input", [4]);
  const { program } = record("lost", engine.target, () => output("y", scale(x, 2)));
  const stop = trace(engine, 2, () => {}), prepared = await engine.prepare(program);
  engine.device.gpu.destroy();
  engine.run(prepared);
  await rejectsWith(
    stop(),
    DeviceError,
    "The GPU device was lost (destroyed): device was lost; its latest work was lost (1 dispatch); start again, " +
      "with less memory if it was short, or with LAPIDARY_ONE_BY_ONE=1 to learn which dispatch it is",
  );
});
