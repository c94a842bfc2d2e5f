import { blocksToDrop } from "../../model/pruning/mod.ts";
import { importanceOf } from "../importance.ts";
import { loadOpened } from "../inputs.ts";
import type { Results } from "../results.ts";
import { type Job, stage } from "./job.ts";
import { type OnDevice, onDevice } from "./on_device.ts";
import { keep } from "./stages.ts";

/** The teacher, which is put on the device when a stage first needs it. */
export function teacherOf(job: Job): OnDevice {
  const { engine, source: { opened }, rows: { positions }, held } = job;
  return onDevice(
    engine,
    () => stage(job, "load teacher", () => loadOpened(engine, opened, { label: "teacher", positions, held })),
  );
}

/** The blocks to remove: those that are named, else the least important of the teacher's. */
export async function chooseBlocks(
  job: Job,
  teacher: OnDevice,
): Promise<Pick<Results, "importance" | "drop">> {
  const { engine, config, rows, padId, reporter, identity, source } = job,
    { drop, keep_pattern: keepPattern } = config.prune;
  if (drop) {
    reporter.note(`Blocks to remove: ${drop.join(", ")}`);
    return { importance: null, drop };
  }
  const importance = await keep(job, {
    name: "importance",
    inputs: [identity.teacher, identity.training, config.importance, config.data.max_length, padId],
    work: async () => await importanceOf(engine, await teacher.get(), rows.training, config, padId, reporter),
  });
  const chosen = blocksToDrop(importance, source.opened.config.layerTypes, config.prune),
    { method, order } = importance;
  const least = keepPattern ? "Least important that keep the pattern" : "Least important";
  reporter.note(`${least} by ${method}: blocks ${chosen.join(", ")} of order ${order.join(", ")}`);
  return { importance, drop: chosen };
}
