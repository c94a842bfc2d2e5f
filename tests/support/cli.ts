import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Context, Run } from "../../cli/context.ts";
import type { Io } from "../../cli/io.ts";
import { createProgress } from "../../cli/progress.ts";
import { run } from "../../cli/run.ts";
import { openEngine } from "../../engine/mod.ts";
import { sharedEngine } from "./engine.ts";

/** Streams that keep what is written to them. */
export interface Captured extends Io {
  readonly out: string[];
  readonly err: string[];
}

/** Streams for a test; not a terminal unless asked. */
export function captureIo(
  options: { isTerminal?: boolean; columns?: number; color?: boolean; answers?: boolean } = {},
): Captured {
  const out: string[] = [];
  const err: string[] = [];
  return {
    out,
    err,
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
    isTerminal: options.isTerminal ?? false,
    color: options.color ?? false,
    columns: () => options.columns ?? 80,
    confirm: (question) => {
      if (options.answers !== undefined) err.push(`${question} [y/N] `);
      return options.answers;
    },
  };
}

/** Exit code and output of a command line. */
export async function lapidary(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = captureIo();
  const code = await run(args, io);
  return { code, out: io.out.join(""), err: io.err.join("") };
}

/** As {@link lapidary}, on the engine that all tests share, which stays open. */
export async function lapidaryShared(
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  const io = captureIo(), engine = await sharedEngine();
  const code = await run(args, io, () => Promise.resolve({ ...engine, close: () => {} }));
  return { code, out: io.out.join(""), err: io.err.join("") };
}

/** What a command would be asked to do by these arguments. */
export async function requestOf<Request>(
  add: (program: CommandUnknownOpts, context: Context, run: Run<Request>) => void,
  ...args: string[]
): Promise<Request> {
  const io = captureIo();
  const requests: Request[] = [];
  const program = new Command().exitOverride().configureOutput({ writeOut: io.stdout, writeErr: io.stderr });
  const context = { io, progress: createProgress(io), signal: new AbortController().signal, openEngine };
  add(program, context, (request) => Promise.resolve(void requests.push(request)));
  await program.parseAsync(args, { from: "user" });
  return requests[0]!;
}
