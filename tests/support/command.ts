/** Commands run as a user would, on the engine that all tests share. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { lapidaryShared } from "./cli.ts";
import { gpuTest } from "./engine.ts";
import { inTemporaryDirectory } from "./temporary.ts";

/** Path of a file or directory of golden values, such as `tiny_a`. */
export const goldenPath = (name: string): string =>
  fileURLToPath(new URL(`../golden/data/${name}`, import.meta.url));

/** Runs a command with `--json` and gives its value: standard output holds one JSON value and nothing else. */
export async function answerOf<T>(...args: string[]): Promise<T> {
  const { code, out, err } = await lapidaryShared(...args, "--json", "--quiet");
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^[{[].*\n$/);
  return JSON.parse(out);
}

/** A test of commands that write: in a directory of its own, removed afterwards. */
export function commandTest(name: string, body: (directory: string) => Promise<void>): void {
  gpuTest(name, () => inTemporaryDirectory(body));
}

/** `--set` before each setting. */
export const settings = (...values: string[]): string[] => values.flatMap((value) => ["--set", value]);

/** Writes rows of ids as JSON lines. */
export async function writeRows(path: string, rows: readonly (readonly number[])[]): Promise<string> {
  await Deno.writeTextFile(path, rows.map((ids) => `${JSON.stringify({ input_ids: ids })}\n`).join(""));
  return path;
}
