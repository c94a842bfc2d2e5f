import type { Engine } from "../../engine/mod.ts";
import type { HeldDtype } from "../../model/gemma3/mod.ts";
import type { Config } from "../../train/config/mod.ts";
import type { Source } from "../inputs.ts";
import type { PlannedRows, Stage } from "../memory_plan.ts";
import type { Reporter } from "../reporter.ts";
import type { DataFile } from "../results.ts";
import type { Identity } from "./identity.ts";
import type { RunDirectory } from "./run_directory.ts";

/** What every stage of a run is given. */
export interface Job {
  readonly engine: Engine;
  readonly config: Config;
  /** The teacher, opened, and the tokenizer. */
  readonly source: Source;
  /** How the teacher's matrices are held. */
  readonly held: HeldDtype;
  readonly rows: PlannedRows;
  /** What the rows were read from. */
  readonly files: readonly DataFile[];
  readonly padId: number;
  /** Directory of the run. */
  readonly run: string;
  /** The same, locked. */
  readonly directory: RunDirectory;
  /** Hashes of what the stages are given. */
  readonly identity: Identity;
  /** Keys of the stages that this run consists of, as far as it is. */
  readonly done: string[];
  readonly reporter: Reporter;
  /** Seconds of each stage that is done. */
  readonly seconds: Record<string, number>;
  /** Operations of the largest step of each training. */
  readonly stepFlops: { readonly student: number; readonly control: number };
  /** The memory of each stage, as planned before anything ran. */
  readonly memory: readonly Stage[];
}

/** Runs a stage unless the job was stopped, and notes how long it took. */
export async function stage<T>(
  { reporter, seconds }: Pick<Job, "reporter" | "seconds">,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  reporter.signal.throwIfAborted();
  const started = performance.now(), result = await work();
  seconds[name] = (performance.now() - started) / 1000;
  return result;
}
