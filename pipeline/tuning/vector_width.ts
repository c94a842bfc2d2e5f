/**
 * How many bits wide Mesa's software driver computes: it reads LP_NATIVE_VECTOR_WIDTH once in a process, takes 256 by
 * itself, and which width is faster depends on the processor.
 */
import { cpus } from "node:os";
import { dirname } from "node:path";
import { z } from "zod";
import { isFile, makeDirectory, readJson, writeFileAtomic } from "../../model/files/mod.ts";
import { widthPath } from "./places.ts";

/** The variable that the driver reads. */
export const WIDTH_VARIABLE = "LP_NATIVE_VECTOR_WIDTH";
/** Widths worth measuring, in bits. */
export const WIDTHS = [256, 512] as const;
export type Width = typeof WIDTHS[number];

const schema = z.strictObject({ processor: z.string(), bits: z.literal(WIDTHS) });
const processor = (): string => cpus()[0]?.model ?? "unknown";

/** Sets the width that was measured to be best on this processor, unless the user has set one. */
export async function useMeasuredWidth(directory: string): Promise<void> {
  const path = widthPath(directory);
  if (Deno.build.os !== "linux" || Deno.env.get(WIDTH_VARIABLE) || !await isFile(path)) return;
  // What cannot be read is of no use and no harm: the driver's own width serves.
  const { data } = schema.safeParse(await readJson(path).catch(() => undefined));
  if (data?.processor === processor()) Deno.env.set(WIDTH_VARIABLE, String(data.bits));
}

/** Remembers the best width. */
export async function saveWidth(bits: Width, directory: string): Promise<void> {
  const path = widthPath(directory);
  await makeDirectory(dirname(path));
  await writeFileAtomic(path, `${JSON.stringify({ processor: processor(), bits })}\n`);
}
