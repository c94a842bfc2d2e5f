import assert from "node:assert/strict";
import { join } from "node:path";
import { lapidaryShared } from "./cli.ts";
import { namesIn } from "./temporary.ts";

/** Everything in a directory, by path and size. */
async function contentsOf(directory: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await namesIn(directory)) {
    const path = join(directory, name), info = await Deno.lstat(path);
    found.push(...(info.isDirectory ? await contentsOf(path) : [`${path} ${info.size}`]));
  }
  return found;
}

/** Asserts that a command fails with this code and message, prints nothing else, and changes nothing in `directory`. */
export async function refused(directory: string, args: string[], message: string, code = 1): Promise<void> {
  const before = await contentsOf(directory);
  const result = await lapidaryShared(...args, "--quiet");
  assert.deepEqual(result, { code, out: "", err: `error: ${message}\n` });
  assert.deepEqual(await contentsOf(directory), before);
}
