import assert from "node:assert/strict";
import {
  createTensor,
  DeviceError,
  type Engine,
  matmul,
  openEngine,
  output,
  record,
  scale,
  scope,
  timeDispatches,
  trace,
} from "../../../engine/mod.ts";
import { createStopwatch } from "../../../engine/gpu/timestamps.ts";
import { gpuTest } from "../../support/engine.ts";
import { rejectsWith, throwsWith } from "../../support/errors.ts";

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
