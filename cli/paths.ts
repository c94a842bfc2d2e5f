/** Paths that a command is about to write to. */
import { UsageError } from "../engine/mod.ts";

/** Whether anything stands at `path`, links followed. */
export const exists = (path: string): Promise<boolean> => Deno.stat(path).then(() => true, () => false);

/**
 * Makes sure that nothing stands at `path`.
 *
 * @param goOn what else can be done where something does
 * @throws UsageError naming the flag that can say another place
 */
export async function requireAbsent(path: string, flag: string, goOn?: string): Promise<void> {
  try {
    await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw new UsageError(
      `Cannot write to ${path}: ${(error as Error).message}; name another place with ${flag}`,
    );
  }
  throw new UsageError(
    `Cannot write to ${path}: it exists already; ${
      goOn ? `${goOn}, ` : ""
    }name another place with ${flag} or remove it`,
  );
}

/**
 * Makes sure that a training may write to `out`: nothing stands there, or it is resumed and not complete.
 *
 * @throws UsageError naming what can be done
 */
export async function requireRoom(out: string, resume: boolean): Promise<void> {
  const log = `${out}.log.jsonl`; // stands there while a training runs, and after it was stopped
  if (!resume) {
    await requireAbsent(out, "--out");
    return await requireAbsent(log, "--out", "go on with that training by --resume");
  }
  if (!await exists(out) || await exists(log)) return;
  throw new UsageError(`Cannot resume ${out}: it is complete; name another place with --out to train again`);
}

/**
 * The directory of a run that was given none: `runs/2026-01-31T12-00-00-pebble`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { defaultRun } from "./paths.ts";
 *
 * assert.equal(defaultRun("my/mix.json", new Date(0)), "runs/1970-01-01T00-00-00-mix");
 * ```
 */
export function defaultRun(preset: string, time: Date): string {
  const name = preset.replace(/^.*[/\\]/, "").replace(/\.json$/, "");
  return `runs/${time.toISOString().slice(0, 19).replaceAll(":", "-")}-${name}`;
}
