/** The engine of a command: opened when first needed, traced and watched as the environment says, closed at the end. */
import { type Engine, trace, UsageError } from "../engine/mod.ts";
import type { Context } from "./context.ts";
import { waitLimit, watchWaits } from "./watchdog.ts";

/** Gives `work` a way to open the engine, and closes it whatever happens. */
export async function withEngine<T>(
  { io, openEngine }: Context,
  work: (open: () => Promise<Engine>) => Promise<T>,
): Promise<T> {
  const level = traceLevel(Deno.env.get("TRACE"));
  const oneByOne = isSet(Deno.env.get("LAPIDARY_ONE_BY_ONE")), limit = Deno.env.get("LAPIDARY_WAIT_LIMIT");
  let engine: Engine | undefined, watching: Disposable | undefined, finishTrace = () => Promise.resolve();
  try {
    return await work(async () => {
      if (!engine) {
        engine = await openEngine({ oneByOne });
        watching = watchWaits(waitLimit(limit, engine.target.software));
        if (level > 0) finishTrace = trace(engine, level, io.stderr);
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

/** TRACE as a number from 0 to 2. */
function traceLevel(text: string | undefined): 0 | 1 | 2 {
  if (text === undefined || text === "" || text === "0") return 0;
  if (text === "1") return 1;
  if (text === "2") return 2;
  throw new UsageError(
    `Cannot trace at level TRACE=${text}; give 0 (off), 1 (ops and shapes) or 2 (kernels and their times)`,
  );
}
