/** The directory of a run: new or gone on with, held by one process at a time. */
import { join } from "node:path";
import { DataError, UsageError } from "../../engine/mod.ts";
import { listDirectory, makeDirectory, removeLeftovers } from "../../model/files/mod.ts";
import { holderText, holdFile } from "../hold.ts";
import type { Reporter } from "../reporter.ts";
import { RUN_FILES } from "../run_files.ts";

/** A run's directory while this process has it. */
export interface RunDirectory extends Disposable {
  readonly path: string;
  /** Whether an earlier process has begun the run. */
  readonly begun: boolean;
  /** @throws {DataError} where the directory was removed or replaced since it was opened */
  check(): Promise<void>;
}

/** Where what is half written may have been left behind. */
const WRITTEN_IN = [".", RUN_FILES.stages, RUN_FILES.checkpoints, RUN_FILES.tasks, RUN_FILES.pictures];

/**
 * Makes the directory of a run where there is none, locks it and clears what a killed process has left half written.
 *
 * @param resume whether it may exist
 * @throws {UsageError} where another process has it, or it exists and shall not
 */
export async function openRunDirectory(
  path: string,
  resume: boolean,
  { note }: Pick<Reporter, "note">,
): Promise<RunDirectory> {
  await makeDirectory(path);
  const lock = await holdFile(join(path, RUN_FILES.lock), path);
  try {
    const begun = (await listDirectory(path)).some((name) => name !== RUN_FILES.lock);
    if (begun && !resume) throw existsAlready(path);
    if (lock.stale) {
      note(`The process ${holderText(lock.stale)} has left ${path} without finishing: it is gone`);
    }
    for (const place of WRITTEN_IN) {
      const left = await removeLeftovers(join(path, place));
      if (left.length > 0) note(`Removed what was half written: ${left.join(", ")}`);
    }
    const own = await Deno.stat(path);
    return {
      ...{ path, begun },
      async check() {
        const there = await Deno.stat(path).catch(() => undefined);
        if (there && there.ino === own.ino && there.dev === own.dev) return;
        throw new DataError(
          `Cannot go on with ${path}: the directory was removed or replaced while the run was in it; begin again`,
          { path },
        );
      },
      [Symbol.dispose]: () => lock[Symbol.dispose](),
    };
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

/** What a run says of a directory that exists; the command line says it before anything is read. */
export function existsAlready(path: string): UsageError {
  return new UsageError(
    `Cannot write to ${path}: it exists already; go on with it by --resume, name another place with --run or remove it`,
  );
}
