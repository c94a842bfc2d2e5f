/** The commits of the hub that a run was begun with: it is gone on with at them, wherever their branches are by then. */
import { join } from "node:path";
import * as z from "zod";
import { DataError } from "../../engine/mod.ts";
import { isFile, readJson, writeJsonAtomic } from "../../model/files/mod.ts";
import type { Origins } from "../inputs.ts";
import { RUN_FILES } from "../run_files.ts";

const origin = z.strictObject({ repo: z.string(), revision: z.string(), commit: z.string() });
const schema = z.strictObject({ model: origin.exactOptional(), tokenizer: origin.exactOptional() });

/** Keeps what a run reads from the hub; writes nothing where that is nothing. */
export async function recordOrigins(run: string, origins: Origins): Promise<void> {
  if (origins.model || origins.tokenizer) await writeJsonAtomic(join(run, RUN_FILES.hub), origins);
}

/** What the run was begun with. @throws {DataError} for a file that says something else */
export async function recordedOrigins(run: string): Promise<Origins> {
  const path = join(run, RUN_FILES.hub);
  if (!await isFile(path)) return {};
  const parsed = schema.safeParse(await readJson(path));
  if (parsed.success) return parsed.data;
  throw new DataError(
    `Cannot resume ${run}: ${path} does not say which commits it was begun with; begin it again`,
    {
      path,
    },
  );
}
