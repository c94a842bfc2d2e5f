import { UsageError } from "../../engine/mod.ts";
import { isDirectory, isFile } from "../../model/files/mod.ts";

/** As tests/real/fetch.py names it in the cache. */
const NAME = "gemma-3-270m-q4_k_m.gguf";

/** Where fetch.py puts google/gemma-3-270m; undefined where there is no home. */
function cached(): string | undefined {
  const home = Deno.env.get("HOME"),
    cache = Deno.env.get("LAPIDARY_CACHE") ?? (home && `${home}/.cache/lapidary`);
  return cache && `${cache}/${NAME}`;
}

/**
 * The weights to measure: those named, else those in the cache.
 *
 * @returns a path, or undefined where random weights must do
 * @throws {UsageError} where those named do not exist
 */
export async function findModel(given: string | undefined): Promise<string | undefined> {
  if (given === undefined) {
    const path = cached();
    return path !== undefined && await isFile(path) ? path : undefined;
  }
  if (await isFile(given) || await isDirectory(given)) return given;
  throw new UsageError(
    `Cannot find model ${given}: it is neither a directory nor a .gguf file; leave --model out for random weights of ` +
      `the same shape`,
  );
}
