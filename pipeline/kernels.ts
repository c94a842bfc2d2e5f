/** What a run's bits depend on beside its inputs: the adapter, the kernels and the choice among them. */
import { join } from "node:path";
import { z } from "zod";
import { DataError, type Engine, kernelsFingerprint, UsageError } from "../engine/mod.ts";
import { isFile, readJson, writeJsonAtomic } from "../model/files/mod.ts";
import { RUN_FILES } from "./run_files.ts";
import { choicesSchema } from "./tuning/choices_file.ts";
import { adapterName } from "./tuning/places.ts";

const schema = z.strictObject({ ...choicesSchema.shape, deno: z.string() });

/** Writes `kernels.json` into the directory of what begins, unless it has one. */
export async function recordKernels(engine: Engine, directory: string): Promise<void> {
  const path = join(directory, RUN_FILES.kernels);
  if (await isFile(path)) return;
  const content: z.infer<typeof schema> = {
    adapter: adapterName(engine),
    kernels: kernelsFingerprint(),
    choices: Object.fromEntries(engine.target.choices.entries()),
    deno: Deno.version.deno,
  };
  await writeJsonAtomic(path, content);
}

/**
 * Gives an engine the choices that a run was begun with, whatever was measured since.
 *
 * @param name what is resumed, for messages
 * @returns false for a run that was stopped before it recorded them
 * @throws {UsageError} where adapter, driver, kernels or runtime are others, so that bits would differ; {DataError} for a
 * damaged file
 */
export async function restoreKernels(engine: Engine, directory: string, name = directory): Promise<boolean> {
  const path = join(directory, RUN_FILES.kernels);
  if (!await isFile(path)) return false;
  const { data } = schema.safeParse(await readJson(path).catch(() => undefined));
  if (!data) {
    throw new DataError(
      `Cannot resume ${name} bit for bit: ${path} is damaged, and with it the choice of kernels; begin anew`,
      { path },
    );
  }
  const now = { adapter: adapterName(engine), kernels: kernelsFingerprint(), deno: Deno.version.deno };
  for (const key of ["adapter", "kernels", "deno"] as const) {
    if (data[key] === now[key]) continue;
    const what = { adapter: "the adapter", kernels: "Lapidary's kernels", deno: "Deno" }[key];
    throw new UsageError(
      `Cannot resume ${name} bit for bit: it was begun with ${what} "${data[key]}" and this is "${
        now[key]
      }"; ` +
        "resume it where it was begun, or begin anew",
    );
  }
  engine.target.choices.clear();
  for (const [name, choice] of Object.entries(data.choices)) engine.target.choices.set(name, choice);
  return true;
}
