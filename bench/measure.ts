import { Bench } from "tinybench";
import { type Dispatch, type Engine, type Prepared, timeDispatches } from "../engine/mod.ts";

/** What was measured of one thing, in milliseconds. */
export interface Statistics {
  /** Median. */
  readonly p50: number;
  /** Median absolute deviation from the median. */
  readonly mad: number;
  /** Samples. */
  readonly n: number;
  /** In ascending order; of more than {@link KEPT}, as many that stand evenly apart, the smallest and the largest among them. */
  readonly samples: readonly number[];
}

/** Samples that stay with a row, so that intervals can be computed long after. */
const KEPT = 17;

/** Takes one sample: a time in milliseconds for each thing it measures at once. */
export type Sample = () => Promise<ArrayLike<number>>;

/** How long to measure. */
export interface Effort {
  /** Time that a sampler may spend; the sample that passes it is its last. */
  readonly milliseconds: number;
  /** Samples that every sampler takes, whatever they cost. */
  readonly minimum: number;
}

/**
 * Samples in turns, so that a machine that slows down for a while slows down all of them alike: in each round every
 * sampler that has time left takes one sample. What a sampler needs to warm up must have happened.
 *
 * @returns the statistics of each sampler's things
 */
export async function measure(samplers: readonly Sample[], effort: Effort): Promise<Statistics[][]> {
  const taken = samplers.map((): ArrayLike<number>[] => []), spent = samplers.map(() => 0);
  const wants = (i: number) => spent[i]! < effort.milliseconds || taken[i]!.length < effort.minimum;
  while (samplers.some((_, i) => wants(i))) {
    for (const [i, sample] of samplers.entries()) {
      if (!wants(i)) continue;
      const started = performance.now();
      taken[i]!.push(await sample());
      spent[i]! += performance.now() - started;
    }
  }
  return taken.map((rounds) =>
    Array.from(rounds[0]!, (_, thing) => statistics(rounds.map((round) => round[thing]!)))
  );
}

/**
 * Statistics of samples in milliseconds, by tinybench.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { statistics } from "./measure.ts";
 * assert.deepEqual(statistics([4, 1, 100, 2, 3]), { p50: 3, mad: 1, n: 5, samples: [1, 2, 3, 4, 100] });
 * ```
 */
export function statistics(samples: readonly number[]): Statistics {
  const bench = new Bench({ iterations: samples.length, time: 0, warmup: false, throws: true });
  let next = 0;
  bench.add("samples", () => ({ overriddenDuration: samples[next++]! }), { async: false });
  const { result } = bench.runSync()[0]!;
  if (!("latency" in result)) throw new TypeError(`tinybench ended in state ${result.state}`);
  const { p50, mad, samplesCount } = result.latency;
  return { p50, mad, n: samplesCount, samples: thinOut(samples.toSorted((a, b) => a - b)) };
}

/** At most {@link KEPT} of the sorted samples, to six digits: noise begins long before the seventh. */
function thinOut(sorted: readonly number[]): number[] {
  const last = sorted.length - 1, count = Math.min(KEPT, sorted.length);
  return Array.from(
    { length: count },
    (_, i) => Number(sorted[count === 1 ? 0 : Math.round(i * last / (count - 1))]!.toPrecision(6)),
  );
}

/** Dispatches of a Program that do the same: one op by one kernel over tensors of the same shapes. */
export interface DispatchGroup {
  readonly op: string;
  readonly kernel: string;
  /** Shapes of the tensors in the order of the bindings, e.g. `2048x64 160x64 2048x160`. */
  readonly shapes: string;
  /** Sums over the group. */
  readonly flops: number;
  readonly bytes: number;
  /** Places in the Program. */
  readonly indices: readonly number[];
}

/** The dispatches of a Program in groups, in order of first appearance. */
export function groupDispatches(dispatches: readonly Dispatch[]): DispatchGroup[] {
  const groups = new Map<string, DispatchGroup>();
  for (const [index, { op, kernel, tensors, flops, bytes }] of dispatches.entries()) {
    const shapes = Object.values(tensors).map(({ shape }) => shape.join("x")).join(" ");
    const key = `${op} ${kernel.file} ${shapes}`, group = groups.get(key);
    groups.set(key, {
      op,
      kernel: kernel.file,
      shapes,
      flops: flops + (group?.flops ?? 0),
      bytes: bytes + (group?.bytes ?? 0),
      indices: [...group?.indices ?? [], index],
    });
  }
  return [...groups.values()];
}

/** A sampler that runs a Program under timestamp queries: one time for each group. */
export function sampleGroups(engine: Engine, prepared: Prepared, groups: readonly DispatchGroup[]): Sample {
  return async () => {
    const times = await timeDispatches(engine, prepared);
    return groups.map(({ indices }) => indices.reduce((sum, index) => sum + times[index]!, 0));
  };
}
