import { createTensor, dispatch, type Engine, kernel, LapidaryError, record } from "../engine/mod.ts";
import { groupDispatches, measure, sampleGroups, statistics } from "./measure.ts";
import type { Limits, Row } from "./report.ts";
import source from "./fma.wgsl" with { type: "text" };

/** How much to measure. */
export interface LimitOptions {
  /** Length of one measured piece of work: long enough to drown what surrounds it. */
  readonly milliseconds: number;
  readonly samples: number;
  /** Bytes that one copy moves from a buffer to another. */
  readonly copyBytes: number;
}

/** Values that take an AVX2 or AVX-512 core, or a GPU, to its limit. */
export const LIMIT_OPTIONS: LimitOptions = { milliseconds: 50, samples: 7, copyBytes: 2 ** 26 };

const GROUPS = 1024, INVOCATIONS = 64 * GROUPS;
/** Independent chains to try, and dependent steps of the loop's body: the best pair differs from adapter to adapter. */
const BODIES = [[2, 8], [3, 4], [4, 4], [8, 2]] as const;

/** Measures both limits; the rows say how. */
export async function measureLimits(
  engine: Engine,
  options: LimitOptions,
): Promise<{ limits: Limits; rows: Row[] }> {
  const bodies: Row[] = [];
  for (const [chains, steps] of BODIES) bodies.push(await multiplyAdds(engine, chains, steps, options));
  const rate = ({ flops, time }: Row) => flops / time!.p50 / 1e6;
  const best = bodies.reduce((a, b) => rate(b) > rate(a) ? b : a), copy = await copies(engine, options);
  return {
    limits: { gflops: rate(best), gigabytes: copy.bytes / copy.time!.p50 / 1e6 },
    rows: [...bodies, copy],
  };
}

/** Doubles the rounds until the kernel runs long enough, then measures it. */
async function multiplyAdds(
  engine: Engine,
  chains: number,
  steps: number,
  { milliseconds, samples }: LimitOptions,
): Promise<Row> {
  const y = createTensor("fma", "output", [INVOCATIONS]);
  for (let rounds = 16;; rounds *= 2) {
    const flops = 2 * 4 * chains * steps * rounds * INVOCATIONS;
    const { program } = record("limits", engine.target, () =>
      dispatch({
        op: "fma",
        kernel: kernel("bench/fma.wgsl", source, { CHAINS: chains, STEPS: steps }),
        tensors: { y },
        params: { rounds, half: 0.5 },
        grid: [GROUPS, 1, 1],
        flops,
      }));
    const sample = sampleGroups(
      engine,
      await engine.prepare(program),
      groupDispatches(program.dispatches),
    );
    await sample(); // compiles
    if ((await sample())[0]! < milliseconds) continue;
    const [[time]] = await measure([sample], { milliseconds: 0, minimum: samples }) as [
      [Row["time"] & object],
    ];
    const values = await engine.read(y) as Float32Array;
    engine.release([y.slot]);
    if (values.some((value) => value !== 4 * chains)) {
      throw new LapidaryError(
        `Cannot measure the rate of multiply-adds as the kernel of ${chains} chains gave a wrong result; ` +
          `look for a newer driver`,
      );
    }
    return {
      benchmark: "limits",
      name: "multiply-adds",
      shape: `${chains} chains x ${steps}`,
      kernel: "bench/fma.wgsl",
      time,
      flops,
      bytes: 0,
      checked: true,
    };
  }
}

/** Copies of one buffer into another: what many cost more than one, as the wait itself costs about 10 ms in Deno. */
async function copies(
  { device: { gpu } }: Engine,
  { milliseconds, samples, copyBytes }: LimitOptions,
): Promise<Row> {
  const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const [from, to] = ["from", "to"].map((label) => gpu.createBuffer({ label, size: copyBytes, usage })) as [
    GPUBuffer,
    GPUBuffer,
  ];
  const run = async (count: number) => {
    const encoder = gpu.createCommandEncoder();
    for (let i = 0; i < count; i++) encoder.copyBufferToBuffer(from, 0, to, 0, copyBytes);
    const started = performance.now();
    gpu.queue.submit([encoder.finish()]);
    await gpu.queue.onSubmittedWorkDone();
    return performance.now() - started;
  };
  const beyondOne = async (count: number) => -(await run(1)) + await run(1 + count);
  await run(1);
  let count = 4;
  while (await beyondOne(count) < milliseconds) count *= 2;
  const times: number[] = [];
  while (times.length < samples) times.push(await beyondOne(count));
  for (const buffer of [from, to]) buffer.destroy();
  return {
    benchmark: "limits",
    name: "copy",
    shape: `${count} x ${copyBytes / 2 ** 20} MiB`,
    kernel: "copyBufferToBuffer",
    time: statistics(times),
    flops: 0,
    bytes: 2 * copyBytes * count,
    checked: false,
  };
}
