import { kernel } from "../compiler/kernel.ts";
import { LapidaryError } from "../core/errors.ts";
import { dispatch, record } from "../program/record.ts";
import type { Engine } from "../program/run.ts";
import { createTensor } from "../program/tensor.ts";
import { timeDispatches } from "../program/time.ts";
import source from "./fma.wgsl" with { type: "text" };

/** What the adapter was seen to do at best, in units of a million per millisecond: shares are shares of these. */
export interface Limits {
  /** GFLOP/s of multiply-adds in registers, two operations each. */
  readonly gflops: number;
  /** GB/s of `copyBufferToBuffer`, reading and writing counted. */
  readonly gigabytes: number;
}

/** A piece of work that does one thing as fast as the adapter can; `sample` does it once and answers the milliseconds. */
export interface LimitProbe {
  readonly shape: string;
  readonly flops: number;
  readonly bytes: number;
  sample(): Promise<number>;
  /** Gives its memory back. @throws LapidaryError where its result was wrong: its times then mean nothing */
  close(): Promise<void>;
}

/** Independent chains to try, and dependent steps of the loop's body: the best pair differs from adapter to adapter. */
export const FMA_BODIES = [[2, 8], [3, 4], [4, 4], [8, 2]] as const;

const GROUPS = 1024, INVOCATIONS = 64 * GROUPS;

/** Multiply-adds in registers, in as many rounds as take `milliseconds`; compiled and warm. */
export async function probeMultiplyAdds(
  engine: Engine,
  [chains, steps]: readonly [number, number],
  milliseconds: number,
): Promise<LimitProbe> {
  const y = createTensor("fma", "output", [INVOCATIONS]);
  for (let rounds = 16;; rounds *= 2) {
    const flops = 2 * 4 * chains * steps * rounds * INVOCATIONS;
    const { program } = record("limits", engine.target, () =>
      dispatch({
        op: "fma",
        kernel: kernel("view/fma.wgsl", source, { CHAINS: chains, STEPS: steps }),
        tensors: { y },
        params: { rounds, half: 0.5 },
        grid: [GROUPS, 1, 1],
        flops,
      }));
    const prepared = await engine.prepare(program);
    const sample = async () => (await timeDispatches(engine, prepared))[0]!;
    await sample(); // compiles
    if (await sample() < milliseconds) {
      engine.discard(prepared);
      continue;
    }
    return {
      shape: `${chains} chains x ${steps}`,
      flops,
      bytes: 0,
      sample,
      async close() {
        const values = await engine.read(y) as Float32Array;
        engine.discard(prepared);
        engine.release([y.slot]);
        if (values.every((value) => value === 4 * chains)) return;
        throw new LapidaryError(
          `Cannot measure the rate of multiply-adds as the kernel of ${chains} chains gave a wrong result; ` +
            `look for a newer driver`,
        );
      },
    };
  }
}

/** Copies of one buffer into another: what many cost more than one, as the wait itself costs about 10 ms in Deno. */
export async function probeCopies(
  { device: { gpu } }: Engine,
  copyBytes: number,
  milliseconds: number,
): Promise<LimitProbe> {
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
  let one = await run(1);
  const beyondOne = async (count: number) => {
    one = Math.min(one, await run(1)); // another's work may hold up any of them
    return await run(1 + count) - one;
  };
  let count = 4;
  while (await beyondOne(count) < milliseconds) count *= 2;
  return {
    shape: `${count} x ${copyBytes / 2 ** 20} MiB`,
    flops: 0,
    bytes: 2 * copyBytes * count,
    sample: () => beyondOne(count),
    close() {
      for (const buffer of [from, to]) buffer.destroy();
      return Promise.resolve();
    },
  };
}

/** Work long enough to be told from its surroundings, short enough to wait for before a trace. */
const QUICK = { milliseconds: 10, samples: 3, copyBytes: 2 ** 24 };

/**
 * Both limits of a device, measured in about a second: what a trace holds its kernels against.
 *
 * @throws DeviceError where the adapter has no timestamp queries
 */
export async function measureLimits(engine: Engine): Promise<Limits> {
  const { milliseconds, samples, copyBytes } = QUICK;
  /** Millions per millisecond of the fastest sample. */
  const best = async (probe: LimitProbe) => {
    let time = Infinity;
    for (let i = 0; i < samples; i++) time = Math.min(time, await probe.sample());
    await probe.close();
    return (probe.flops || probe.bytes) / time / 1e6;
  };
  let gflops = 0;
  for (const body of FMA_BODIES) {
    gflops = Math.max(gflops, await best(await probeMultiplyAdds(engine, body, milliseconds)));
  }
  return { gflops, gigabytes: await best(await probeCopies(engine, copyBytes, milliseconds)) };
}
