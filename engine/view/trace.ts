import { createStopwatch, type Stopwatch } from "../gpu/timestamps.ts";
import type { Prepared } from "../program/prepared.ts";
import type { Engine } from "../program/run.ts";
import { formatAccesses, formatKernel } from "./text.ts";

/** One rung of the ladder: what it says of a Program once it is prepared, and of each run with its measured times. */
interface Rung {
  prepared?(prepared: Prepared): string[];
  run?(prepared: Prepared, milliseconds: Float64Array): string[];
}

/** Level n shows rungs 1 to n. */
const LADDER: readonly Rung[] = [{ prepared: operations }, { run: kernels }];

/**
 * Attaches a trace to an engine: `TRACE=1` writes ops and shapes of each Program as it is prepared, `TRACE=2` also each
 * run's kernels with time, GB/s and GFLOP/s. From level 2 every dispatch runs in a pass of its own, which costs time;
 * the values stay the same. Programs prepared earlier are not timed.
 *
 * @param write takes lines, each with its line feed
 * @returns detaches the trace, once everything measured has been written
 * @throws TypeError when the engine has an observer already; `prepare` throws DeviceError where times cannot be measured
 */
export function trace(engine: Engine, level: number, write: (text: string) => void): () => Promise<void> {
  if (engine.observer) throw new TypeError("Cannot trace an engine that has an observer already");
  const rungs = LADDER.slice(0, level), timed = rungs.some(({ run }) => run);
  const stopwatches = new Map<Prepared, Stopwatch>();
  let written = Promise.resolve();
  const say = (name: string, lines: readonly string[]) =>
    lines.forEach((line) => write(`[${name}] ${line}\n`));
  engine.observer = {
    async prepared(prepared) {
      if (timed) {
        stopwatches.set(prepared, await createStopwatch(engine.device, prepared.launches.length));
      }
      for (const rung of rungs) say(prepared.program.name, rung.prepared?.(prepared) ?? []);
    },
    stopwatch: (prepared) => stopwatches.get(prepared),
    run(prepared) {
      const times = stopwatches.get(prepared)?.read();
      times?.catch(() => {}); // told by `written`, in its turn
      written = written.then(async () => {
        const milliseconds = await times;
        if (!milliseconds) return;
        for (const rung of rungs) say(prepared.program.name, rung.run?.(prepared, milliseconds) ?? []);
      });
      written.catch(() => {}); // the caller meets the same error in its next run or read
    },
  };
  return async () => {
    engine.observer = undefined;
    try {
      await written;
    } finally {
      for (const stopwatch of stopwatches.values()) stopwatch.destroy();
    }
  };
}

function operations({ program }: Prepared): string[] {
  return program.dispatches.map((dispatch, index) => {
    const { op, scope } = dispatch;
    return `${index} ${op} ${formatAccesses(dispatch, (binding) => binding)}${scope ? ` in ${scope}` : ""}`;
  });
}

/** Bytes and operations per millisecond are a million times fewer than per second in giga. */
const perSecond = (amount: number, milliseconds: number): string => (amount / milliseconds / 1e6).toFixed(2);

const rates = (milliseconds: number, bytes: number, flops: number): string =>
  `${milliseconds.toFixed(3)} ms ${perSecond(bytes, milliseconds)} GB/s ${
    perSecond(flops, milliseconds)
  } GFLOP/s`;

function kernels({ program: { dispatches } }: Prepared, milliseconds: Float64Array): string[] {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const total = rates(
    sum([...milliseconds]),
    sum(dispatches.map(({ bytes }) => bytes)),
    sum(dispatches.map(({ flops }) => flops)),
  );
  return [
    ...dispatches.map((dispatch, index) =>
      `${index} ${dispatch.op} ${formatKernel(dispatch)} ${
        rates(milliseconds[index]!, dispatch.bytes, dispatch.flops)
      }`
    ),
    `total ${total}`,
  ];
}
