import type { Command } from "@commander-js/extra-typings";
import type { Session } from "./session.ts";

/** Flags as the command line gives them; those that were not given are missing. */
export type Given = Readonly<Record<string, unknown>>;

/** A benchmark as a command: `bench NAME`. */
export interface Benchmark {
  readonly name: string;
  readonly description: string;
  /** For the help: one command a line. */
  readonly examples: string;
  /** Adds flags of its own. */
  flags?(command: Command): void;
  /** Flags that are not given have their defaults: so it runs under `bench all`. */
  run(session: Session, flags: Given): Promise<void>;
}

/** A benchmark whose flags have these names, types and defaults; the parsers of the flags see to the types. */
export function withFlags<Flags extends object>(
  defaults: Flags,
  benchmark: Omit<Benchmark, "run"> & { run(session: Session, flags: Flags): Promise<void> },
): Benchmark {
  return {
    ...benchmark,
    run: (session, given) => benchmark.run(session, { ...defaults, ...given as Partial<Flags> }),
  };
}
