/** What is said when the device fails, and that no value computed after it is handed out. */
import assert from "node:assert/strict";
import {
  createTensor,
  DeviceError,
  listen,
  openEngine,
  output,
  record,
  rows,
  scale,
} from "../../../engine/mod.ts";
import { gpuTest } from "../../support/engine.ts";
import { rejectsWith, throwsWith } from "../../support/errors.ts";
import { smallProgram } from "../../support/small_program.ts";

gpuTest("an error that nothing asked for stops the next read, and every run after it", async () => {
  const engine = await openEngine(), { y, prepared } = await smallProgram(engine);
  engine.run(prepared);
  engine.device.gpu.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
  const message =
    "The GPU reported an error that nothing had asked for: `MAP` usage can only be combined with " +
    "the opposite `COPY`, requested BufferUsages(MAP_READ | STORAGE); its latest work was small (4 dispatches)";
  await rejectsWith(engine.read(y), DeviceError, message);
  throwsWith(() => engine.run(prepared), DeviceError, message);
  await rejectsWith(engine.read(y), DeviceError, message);
  engine.close();
});

gpuTest("a lost device stops the next read, and every run after it", async () => {
  const engine = await openEngine(), { y, prepared } = await smallProgram(engine);
  engine.run(prepared);
  engine.device.gpu.destroy();
  const message =
    "The GPU device was lost (destroyed): device was lost; its latest work was small (4 dispatches); start again, " +
    "with less memory if it was short, or with LAPIDARY_ONE_BY_ONE=1 to learn which dispatch it is";
  await rejectsWith(engine.read(y), DeviceError, message);
  throwsWith(() => engine.run(prepared), DeviceError, message);
  await rejectsWith(engine.prepare(prepared.program), DeviceError, message);
});

gpuTest(
  "dispatches one by one give the same bits, in the order of runs, writes and reads",
  async (engine) => {
    const slow = await openEngine({ oneByOne: true });
    const values = await Promise.all([engine, slow].map(async (each) => {
      const { x, y, prepared } = await smallProgram(each);
      each.run(prepared);
      const first = each.read(y);
      await each.write(x, Float32Array.of(5, -5));
      each.run(prepared);
      return [await first, await each.read(y)];
    }));
    assert.notDeepEqual(values[0]![0], values[0]![1]);
    assert.deepEqual(values[1], values[0]);
    slow.close();
  },
);

gpuTest("one by one, a refused dispatch is named", async () => {
  const engine = await openEngine({ oneByOne: true }), { y, prepared } = await smallProgram(engine);
  engine.release([y.slot]); // the last dispatch still binds its buffer
  engine.run(prepared);
  await assert.rejects(engine.read(y), (error: Error) => {
    assert.ok(error instanceof DeviceError);
    assert.match(
      error.message,
      /^The GPU refused dispatch 4 of 4 of small: copy by generated\/copy\.vec4\.wgsl: .*destroyed/,
    );
    return true;
  });
  engine.close();
});

gpuTest("one by one, the dispatch at which the device was lost is named", async () => {
  const engine = await openEngine({ oneByOne: true }), { y, prepared } = await smallProgram(engine);
  const stop = listen((event) => {
    if (event.kind === "wait" && event.work.includes("dispatch 2 of")) engine.device.gpu.destroy();
  });
  try {
    engine.run(prepared);
    const { op, kernel } = prepared.launches[1]!.dispatch;
    await rejectsWith(
      engine.read(y),
      DeviceError,
      `The GPU device was lost (destroyed): device was lost; its latest work was dispatch 2 of 4 of small: ${op} by ` +
        `${kernel.file}; start again, with less memory if it was short`,
    );
  } finally {
    stop();
  }
});

gpuTest("a plan that the device cannot hold is told by role before anything runs", async (engine) => {
  const limit = engine.device.gpu.limits.maxBufferSize,
    mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
  const table = createTensor("table", "parameter", [Math.floor(limit / 256) + 1, 64]);
  const { program } = record("step", engine.target, () => output("y", scale(rows(table, 0, 4), 2)));
  const size = table.slot.bytes;
  await rejectsWith(
    engine.prepare(program),
    DeviceError,
    `Cannot allocate table as it needs ${mebibytes(size)} MiB and this device's largest buffer is ` +
      `${mebibytes(limit)} MiB; step takes ${mebibytes(size + 2048)} MiB: parameter ${
        mebibytes(size)
      } MiB, ` +
      "output 0.0 MiB, temporary 0.0 MiB; use a smaller micro-batch or a shorter max_length",
  );
});
