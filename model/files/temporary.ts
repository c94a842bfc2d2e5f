import { basename, dirname, join } from "node:path";
import { listDirectory, removeFile } from "./directory.ts";

const pending = new Set<string>();

/** A fresh hidden name beside `path`, remembered until {@linkcode forget}: a rename then stays on one file system. */
export function temporaryBeside(path: string): string {
  const temporary = join(dirname(path), `.${basename(path)}.${crypto.randomUUID().slice(0, 8)}.tmp`);
  pending.add(temporary);
  return temporary;
}

/** The temporary file or directory is in its place, or removed. */
export function forget(temporary: string): void {
  pending.delete(temporary);
}

/** Removes every unfinished temporary file and directory: for the handler of Ctrl-C, which must not wait. */
export function removeUnfinished(): void {
  for (const temporary of pending) {
    try {
      Deno.removeSync(temporary, { recursive: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  pending.clear();
}

/**
 * Removes what a process that was killed has left half written in a directory: files and directories of the names that
 * {@linkcode temporaryBeside} gives. Only for a directory that nobody else writes to.
 *
 * @returns their names
 */
export async function removeLeftovers(directory: string): Promise<string[]> {
  const left = (await listDirectory(directory)).filter((name) => /^\..+\.[0-9a-f]{8}\.tmp$/.test(name));
  for (const name of left) await removeFile(join(directory, name));
  return left;
}
