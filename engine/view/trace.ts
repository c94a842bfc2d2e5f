import type { HostArray } from "../core/dtype.ts";
import { createStopwatch, type Stopwatch } from "../gpu/timestamps.ts";
import type { Prepared } from "../program/prepared.ts";
import type { Engine } from "../program/run.ts";
import { createTap, type Tap } from "../program/tap.ts";
import type { Limits } from "./limits.ts";
import { kernels, memory, operations, samples, sources, written } from "./rungs.ts";
import { sampleOf } from "./statistics.ts";

/** Rungs of the ladder; a trace at level n shows those up to n. README.md beside this file shows them all. */
export const TRACE_LEVELS = [
  "ops and shapes",
  "kernels and their times",
  "memory by slot",
  "the WGSL that runs",
  "sampled values",
] as const;

/** Levels that need more than text: times, WGSL, values. */
const TIMES = 2, MEMORY = 3, SOURCES = 4, VALUES = 5;

/** What a run left with the instruments of a Program. */
interface Measured {
  readonly milliseconds: Float64Array;
  readonly values: HostArray[][] | undefined;
}

/**
 * Attaches a trace to an engine: `TRACE=1` to `5`, see {@link TRACE_LEVELS}; README.md beside this file shows a small
 * Program at each. From level 2 on every dispatch runs in a pass of its own, which costs time; the values stay the same.
 * Programs prepared earlier are not measured.
 *
 * @param write takes lines, each with its line feed
 * @param limits adds to each time its share of what the device can do
 * @returns detaches the trace, once everything measured has been written
 * @throws TypeError when the engine has an observer already; `prepare` throws DeviceError where times cannot be measured
 */
export function trace(
  engine: Engine,
  level: number,
  write: (text: string) => void,
  limits?: Limits,
): () => Promise<void> {
  if (engine.observer) throw new TypeError("Cannot trace an engine that has an observer already");
  const stopwatches = new Map<Prepared, Stopwatch>(), taps = new Map<Prepared, Tap>();
  const shown = new Set<string>();
  let finished = Promise.resolve();
  const say = (prepared: Prepared, lines: readonly string[]) =>
    lines.forEach((line) => write(`[${prepared.program.name}] ${line}\n`));
  engine.observer = {
    async prepared(prepared) {
      if (level >= TIMES) {
        stopwatches.set(prepared, await createStopwatch(engine.device, prepared.launches.length));
      }
      if (level >= VALUES) taps.set(prepared, await createTap(engine.device, prepared, sampled));
      say(prepared, operations(prepared));
      if (level >= MEMORY) say(prepared, memory(prepared));
      if (level >= SOURCES) say(prepared, sources(prepared, shown));
    },
    stopwatch: (prepared) => stopwatches.get(prepared),
    tap: (prepared) => taps.get(prepared),
    run(prepared) {
      const measured = measure(prepared);
      measured?.catch(() => {}); // told by `finished`, in its turn
      finished = finished.then(async () => {
        const told = await measured;
        if (!told) return;
        say(prepared, kernels(prepared, told.milliseconds, limits));
        if (told.values) say(prepared, samples(prepared, inPieces(prepared, told.values)));
      });
      finished.catch(() => {}); // the caller meets the same error in its next run or read
    },
  };

  function measure(prepared: Prepared): Promise<Measured> | undefined {
    const stopwatch = stopwatches.get(prepared);
    if (!stopwatch) return undefined;
    // Both are asked for at once, before the next run writes over them.
    return Promise.all([stopwatch.read(), taps.get(prepared)?.read()]).then(([milliseconds, values]) => ({
      milliseconds,
      values,
    }));
  }

  return async () => {
    engine.observer = undefined;
    try {
      await finished;
    } finally {
      for (const stopwatch of stopwatches.values()) stopwatch.destroy();
      for (const tap of taps.values()) tap.destroy();
    }
  };
}

const sampled: Parameters<typeof createTap>[2] = (dispatch) =>
  written(dispatch).flatMap(({ tensor }) => sampleOf(tensor));

/** The flat list that a tap kept, tensor by tensor again. */
function inPieces({ program: { dispatches } }: Prepared, values: readonly HostArray[][]): HostArray[][][] {
  return dispatches.map((dispatch, index) => {
    const left = [...values[index]!];
    return written(dispatch).map(({ tensor }) => left.splice(0, sampleOf(tensor).length));
  });
}
