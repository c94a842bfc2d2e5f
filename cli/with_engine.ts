/** The engine of a command: opened when first needed, traced and watched as the environment says, closed at the end. */
import {
  type DeviceOptions,
  type Engine,
  type Limits,
  measureLimits,
  trace,
  TRACE_LEVELS,
  UsageError,
} from "../engine/mod.ts";
import type { Context } from "./context.ts";
import { waitLimit, watchWaits } from "./watchdog.ts";

/**
 * Gives `work` a way to open the engine, and closes it whatever happens.
 *
 * @param options of the device, where a command has its own
 */
export async function withEngine<T>(
  { io, openEngine }: Context,
  work: (open: () => Promise<Engine>) => Promise<T>,
  options: Pick<DeviceOptions, "subgroups"> = {},
): Promise<T> {
  const level = traceLevel(Deno.env.get("TRACE"));
  const oneByOne = isSet(Deno.env.get("LAPIDARY_ONE_BY_ONE")), limit = Deno.env.get("LAPIDARY_WAIT_LIMIT");
  let engine: Engine | undefined, watching: Disposable | undefined, finishTrace = () => Promise.resolve();
  try {
    return await work(async () => {
      if (!engine) {
        engine = await openEngine({ ...options, oneByOne });
        watching = watchWaits(waitLimit(limit, engine.target.software));
        if (level > 0) {
          finishTrace = trace(engine, level, io.stderr, await limitsFor(engine, level, io.stderr));
        }
      }
      return engine;
    });
  } finally {
    await finishTrace();
    watching?.[Symbol.dispose]();
    engine?.close();
  }
}

const isSet = (text: string | undefined): boolean => text !== undefined && text !== "" && text !== "0";

/** What times are held against, where a level shows times and the adapter measures them: `trace` refuses the rest. */
async function limitsFor(
  engine: Engine,
  level: number,
  write: (text: string) => void,
): Promise<Limits | undefined> {
  if (level < 2 || !engine.device.timestamps) return undefined;
  const limits = await measureLimits(engine), { gflops, gigabytes } = limits;
  write(
    `[limits] arithmetic ${gflops.toFixed(2)} GFLOP/s of multiply-adds, memory ${
      gigabytes.toFixed(2)
    } GB/s of copies\n`,
  );
  return limits;
}

/** TRACE as a number; 0 is off. */
function traceLevel(text: string | undefined): number {
  if (text === undefined || text === "" || text === "0") return 0;
  if (/^\d$/.test(text) && Number(text) <= TRACE_LEVELS.length) return Number(text);
  const levels = TRACE_LEVELS.map((what, i) => `${i + 1} (${what})`);
  throw new UsageError(
    `Cannot trace at level TRACE=${text}; give 0 (off), ${levels.slice(0, -1).join(", ")} or ${
      levels.at(-1)
    }; ` +
      "each shows what those below it show",
  );
}
