/** Writes Pebble's task sets as `arc_easy.jsonl` and so on: `deno run --allow-write=DIR train/data/pebble/write_tasks.ts DIR`. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../../model/files/mod.ts";
import { pebbleTasks } from "./tasks/mod.ts";

if (import.meta.main) {
  const folder = Deno.args[0];
  if (folder === undefined) throw new Error("No directory for the task sets: name one as the first argument");
  await mkdir(folder, { recursive: true });
  for (const [task, rows] of Object.entries(pebbleTasks())) {
    await writeFileAtomic(
      join(folder, `${task}.jsonl`),
      rows.map((row: unknown) => `${JSON.stringify(row)}\n`).join(""),
    );
  }
}
