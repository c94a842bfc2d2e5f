/** Runs one command line: errors into messages and exit codes. */
import { CommanderError } from "@commander-js/extra-typings";
import { type DeviceOptions, type Engine, LapidaryError, openEngine } from "../engine/mod.ts";
import type { Context } from "./context.ts";
import { watchInterrupts } from "./interrupt.ts";
import type { Io } from "./io.ts";
import { createProgram } from "./program.ts";
import { createProgress } from "./progress.ts";

/** What a shell reports for a program ended by a closed pipe. */
const BROKEN_PIPE = 141;

/**
 * Runs `lapidary` with these arguments.
 *
 * @param open gives a command its engine, and may have something to note
 * @returns the exit code: 0 done, 1 failure, 2 usage, 3 no adapter, 69 something missing on the machine, 130 and 143
 * interrupted by SIGINT and SIGTERM, 141 where the reader of a pipe has left
 */
export async function run(
  args: readonly string[],
  io: Io,
  open: (options: DeviceOptions, note: (text: string) => void) => Promise<Engine> = openEngine,
): Promise<number> {
  const beforeCommand = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  const progress = createProgress(io, { quiet: beforeCommand.includes("--quiet") });
  using interrupts = watchInterrupts(() =>
    progress.note("Interrupted: stopping; press Ctrl-C again to stop at once")
  );
  const context: Context = {
    io,
    progress,
    signal: interrupts.signal,
    openEngine: (options = {}) => open(options, progress.note),
  };
  const program = createProgram(context);
  try {
    await program.parseAsync([...args], { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof Deno.errors.BrokenPipe) return BROKEN_PIPE;
    whileRead(() => {
      progress.end();
      io.stderr(formatError(error, { debug: program.opts().debug === true, color: io.color }));
    });
    return error instanceof LapidaryError ? error.exitCode : 1;
  } finally {
    whileRead(progress.end);
  }
}

/** Says something where anyone still reads standard error; what a command returns does not depend on it. */
function whileRead(say: () => void): void {
  try {
    say();
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/** An error as it is shown: its sentence, or everything under `--debug`. */
export function formatError(error: unknown, { debug, color }: { debug: boolean; color: boolean }): string {
  const label = color ? "\x1b[31merror:\x1b[39m" : "error:";
  if (!(error instanceof Error)) return `${label} ${String(error)}\n`;
  if (debug) return `${label} ${error.stack ?? error.message}\n`;
  const isOurs = error instanceof LapidaryError;
  const hint = isOurs
    ? ""
    : '\nThis looks like a fault of Lapidary itself; add "--debug" to see where it comes from';
  return `${label} ${error.message}${hint}\n`;
}
