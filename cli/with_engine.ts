/** The engine of a command: opened when first needed, traced as TRACE says, closed at the end. */
import { type Engine, trace, UsageError } from "../engine/mod.ts";
import type { Context } from "./context.ts";

/** Gives `work` a way to open the engine, and closes it whatever happens. */
export async function withEngine<T>(
  { io, openEngine }: Context,
  work: (open: () => Promise<Engine>) => Promise<T>,
): Promise<T> {
  const level = traceLevel(Deno.env.get("TRACE"));
  let engine: Engine | undefined, finishTrace = () => Promise.resolve();
  try {
    return await work(async () => {
      if (!engine) {
        engine = await openEngine();
        if (level > 0) finishTrace = trace(engine, level, io.stderr);
      }
      return engine;
    });
  } finally {
    await finishTrace();
    engine?.close();
  }
}

/** TRACE as a number from 0 to 2. */
function traceLevel(text: string | undefined): 0 | 1 | 2 {
  if (text === undefined || text === "" || text === "0") return 0;
  if (text === "1") return 1;
  if (text === "2") return 2;
  throw new UsageError(
    `Cannot trace at level TRACE=${text}; give 0 (off), 1 (ops and shapes) or 2 (kernels and their times)`,
  );
}
