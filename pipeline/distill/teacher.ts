import type { Gemma3 } from "../../model/gemma3/mod.ts";
import { blocksToDrop } from "../../model/pruning/mod.ts";
import { importanceOf } from "../importance.ts";
import { loadOpened } from "../inputs.ts";
import type { Results } from "../results.ts";
import { type Job, stage } from "./job.ts";

/** Puts the teacher on the device. */
export function loadTeacher(job: Job): Promise<Gemma3> {
  const { engine, source: { opened }, rows: { positions }, held } = job;
  return stage(job, "load teacher", () => loadOpened(engine, opened, { label: "teacher", positions, held }));
}

/** The blocks to remove: those that are named, else the least important of the teacher's. */
export async function chooseBlocks(
  job: Job,
  teacher: Gemma3,
): Promise<Pick<Results, "importance" | "drop">> {
  const { engine, config, rows, padId, reporter } = job, { drop, keep_pattern: keepPattern } = config.prune;
  if (drop) {
    reporter.note(`Blocks to remove: ${drop.join(", ")}`);
    return { importance: null, drop };
  }
  const importance = await stage(
    job,
    "importance",
    () => importanceOf(engine, teacher, rows.training, config, padId, reporter),
  );
  const chosen = blocksToDrop(importance, teacher.config.layerTypes, config.prune),
    { method, order } = importance;
  const least = keepPattern ? "Least important that keep the pattern" : "Least important";
  reporter.note(`${least} by ${method}: blocks ${chosen.join(", ")} of order ${order.join(", ")}`);
  return { importance, drop: chosen };
}
