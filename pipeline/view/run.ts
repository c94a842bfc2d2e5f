/** The run that a page is made of. */
import { basename, dirname, resolve } from "node:path";
import { DataError } from "../../engine/mod.ts";
import { isDirectory, isFile } from "../../model/files/mod.ts";
import { type Config, didYouMean } from "../../train/config/mod.ts";
import { readResults } from "../results.ts";

/** What a page takes of a run. */
export interface ViewedRun {
  readonly name: string;
  readonly config: Config;
  readonly dropped: readonly number[];
}

/**
 * Reads a finished run.
 *
 * @throws {DataError} where there is none of that name (it suggests the nearest), and as {@link readResults}
 */
export async function readViewedRun(run: string): Promise<ViewedRun> {
  if (!await isDirectory(run) && !await isFile(run)) {
    const beside = dirname(resolve(run)), names: string[] = [];
    if (await isDirectory(beside)) {
      for await (const { name, isDirectory } of Deno.readDir(beside)) if (isDirectory) names.push(name);
    }
    throw new DataError(
      `Cannot view ${run}: it does not exist${
        didYouMean(basename(run), names, 'name the directory of a run that "distill" finished')
      }`,
      { path: run },
    );
  }
  const { config, drop } = await readResults(run);
  return { name: basename(resolve(run)), config, dropped: drop };
}
