/** The choices that were measured on an adapter, as a file. */
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { type Engine, kernelsFingerprint, VARIANTS } from "../../engine/mod.ts";
import { isFile, makeDirectory, readJson, writeJsonAtomic } from "../../model/files/mod.ts";
import { adapterName, choicesPath } from "./places.ts";

const size = z.int().min(4).max(1024);
/** What a file of choices holds. */
export const choicesSchema = z.strictObject({
  adapter: z.string(),
  kernels: z.string(),
  choices: z.record(
    z.string(),
    z.strictObject({ variant: z.enum(VARIANTS), rows: size, columns: size }),
  ),
});

/**
 * Fills an engine's table from the file of its adapter, where there is one. A file that cannot be used is removed, so
 * that it is built again when something is measured.
 *
 * @returns what was wrong with the file
 */
export async function loadChoices(engine: Engine, directory: string): Promise<string | undefined> {
  const path = choicesPath(engine, directory);
  if (!await isFile(path)) return undefined;
  const { data, error } = choicesSchema.safeParse(await readJson(path).catch(() => undefined));
  if (error) {
    const removed = await rm(path, { force: true }).then(() => true, () => false); // benchmarks may not write there
    const where = error.issues[0]!.path.join(".");
    return `${removed ? "Removed" : "Cannot use"} ${path} as ${
      where ? `its ${where} is none that a kernel has` : "it is no list of choices"
    }: ` +
      "the usual kernels serve until it is built again, by a long training or by `lapidary tune`";
  }
  for (const [name, choice] of Object.entries(data.choices)) engine.target.choices.set(name, choice);
  return undefined;
}

/** Writes all that an engine's table knows. */
export async function saveChoices(engine: Engine, directory: string): Promise<void> {
  const path = choicesPath(engine, directory);
  await makeDirectory(dirname(path));
  const content: z.infer<typeof choicesSchema> = {
    adapter: adapterName(engine),
    kernels: kernelsFingerprint(),
    choices: Object.fromEntries(engine.target.choices.entries()),
  };
  await writeJsonAtomic(path, content);
}
