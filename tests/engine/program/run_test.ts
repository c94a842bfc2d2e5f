import assert from "node:assert/strict";
import {
  createTensor,
  DeviceError,
  type EngineEvent,
  listen,
  openEngine,
  paramBytes,
  planPool,
  record,
  temporary,
} from "../../../engine/mod.ts";
import { gpuTest } from "../../support/engine.ts";
import { rejectsWith } from "../../support/errors.ts";
import { smallProgram } from "../../support/small_program.ts";

async function eventsOf(action: () => Promise<void>): Promise<EngineEvent[]> {
  const events: EngineEvent[] = [], stop = listen((event) => events.push(event));
  try {
    await action();
  } finally {
    stop();
  }
  return events;
}

gpuTest("a run submits once and creates nothing; the second run gives the same bits", async (engine) => {
  const { y, prepared } = await smallProgram(engine), values: number[][] = [];
  const events = await eventsOf(async () => {
    for (let i = 0; i < 3; i++) {
      engine.run(prepared);
      values.push([...await engine.read(y)]);
    }
  });
  const run = [
    { kind: "submit", program: "small", dispatches: 4 },
    { kind: "wait", work: "small (4 dispatches)" },
    { kind: "answer" },
    { kind: "read", label: "y", bytes: 96 },
  ];
  assert.deepEqual(events, [...run, ...run, ...run]);
  assert.deepEqual(values[1], values[0]);
  assert.deepEqual(values[2], values[0]);
});

gpuTest("preparing a Program again compiles nothing and enlarges no pool", async (engine) => {
  const { prepared } = await smallProgram(engine), before = engine.allocatedBytes();
  const events = await eventsOf(async () => void await engine.prepare(prepared.program));
  assert.deepEqual(events.map((event) => event.kind), ["allocate", "upload"]);
  assert.equal(
    engine.allocatedBytes() - before,
    3 * 256,
    "a block of scalars for each dispatch; scale and copy have the same",
  );
});

gpuTest("released slots give their memory back", async (engine) => {
  const before = engine.allocatedBytes(), x = createTensor("x", "state", [1000]);
  await engine.write(x, new Float32Array(1000));
  assert.equal(engine.allocatedBytes() - before, 4096);
  const events = await eventsOf(() => Promise.resolve(engine.release([x.slot])));
  assert.deepEqual(events, [{ kind: "free", label: "x", bytes: 4096 }]);
  assert.equal(engine.allocatedBytes(), before);
});

gpuTest("a pool reserved as planned does not grow, and the peak is what was allocated at most", async () => {
  const engine = await openEngine(), { program } = (await smallProgram(engine)).prepared;
  engine.close();
  const other = await openEngine();
  await other.reserve([program]);
  const reserved = other.allocatedBytes();
  assert.equal(reserved, planPool([program]).reduce((sum, size) => sum + size, 0));
  const prepared = await other.prepare(program), { temporary, ...persistent } = prepared.memory;
  assert.equal(temporary, reserved);
  const all = reserved + Object.values(persistent).reduce((sum, bytes) => sum + bytes, paramBytes(program));
  assert.deepEqual([other.allocatedBytes(), other.peakBytes()], [all, all]);
  other.discard(prepared);
  assert.deepEqual([other.allocatedBytes(), other.peakBytes()], [all - paramBytes(program), all]);
  other.close();
});

gpuTest("values shorter than the tensor leave the rest, longer ones are an error", async (engine) => {
  const x = createTensor("x", "state", [2, 3]);
  await engine.write(x, Float32Array.of(1, 2, 3, 4, 5, 6));
  await engine.write(x, Float32Array.of(7));
  assert.deepEqual([...await engine.read(x)], [7, 2, 3, 4, 5, 6]);
  await rejectsWith(
    engine.write(x, new Float32Array(7)),
    TypeError,
    "Cannot write 7 elements to x [2, 3] as it holds 6",
  );
});

gpuTest("temporaries have no value that the host could read", async (engine) => {
  const { result } = record("p", engine.target, () => temporary("hidden", [4]));
  const message =
    "Cannot reach hidden from the host as it is a temporary of a Program; keep a copy with output()";
  await rejectsWith(engine.read(result), TypeError, message);
  await rejectsWith(engine.write(result, new Float32Array(4)), TypeError, message);
});

gpuTest("a slot above the device's largest buffer is an error that names it and the cure", async (engine) => {
  const limit = engine.device.gpu.limits.maxBufferSize,
    mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
  const elements = Math.ceil((limit + 1) / 1024) * 256,
    huge = createTensor("embedding", "parameter", [elements]);
  const message =
    `Cannot allocate embedding as it needs ${mebibytes(4 * elements)} MiB and this device's largest ` +
    `buffer is ${mebibytes(limit)} MiB; use a smaller micro-batch or a shorter max_length`;
  await rejectsWith(engine.write(huge, new Float32Array(1)), DeviceError, message);
  await rejectsWith(engine.read(huge), DeviceError, message);
});

Deno.test("no adapter: the error says what is missing and how to get it, with exit code 3", async () => {
  const absent = Deno.build.os === "windows" ? "metal" : "dx12",
    door = new URL("../../../engine/mod.ts", import.meta.url);
  const code = `import { openEngine } from "${door}";
    await openEngine().catch((error) => console.log(JSON.stringify([error.name, error.exitCode, error.message])));`;
  const { stdout } = await new Deno.Command("deno", {
    args: ["eval", code],
    env: { DENO_WEBGPU_BACKEND: absent },
  }).output();
  assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout)), [
    "DeviceError",
    3,
    "Cannot open a GPU as no WebGPU adapter answered: the Vulkan loader or driver is missing; " +
    "on Debian or Ubuntu run `sudo apt install libvulkan1 mesa-vulkan-drivers`, then `./lapidary doctor`",
  ]);
});
