/** What every command is given. */
import type { DeviceOptions, Engine } from "../engine/mod.ts";
import type { Reporter } from "../pipeline/reporter.ts";
import type { Io } from "./io.ts";
import type { Progress } from "./progress.ts";

/** Streams, progress and the signal that Ctrl-C sets. */
export interface Context {
  readonly io: Io;
  readonly progress: Progress;
  /** Aborted at Ctrl-C and SIGTERM: a command finishes or undoes what it is writing and throws `signal.reason`. */
  readonly signal: AbortSignal;
  /** Opens the engine; whoever opened it closes it. */
  readonly openEngine: (options?: DeviceOptions) => Promise<Engine>;
}

/** A command's work, called with what its flags say once they are checked. */
export type Run<Request> = (request: Request, context: Context) => Promise<void>;

/** The part of a context that a job of the pipeline is given. */
export const reporterOf = ({ progress, signal }: Context): Reporter => ({ ...progress, signal });

/** Writes a result: one JSON value to standard output. */
export function writeJson({ io }: Context, value: unknown): void {
  io.stdout(`${JSON.stringify(value)}\n`);
}
