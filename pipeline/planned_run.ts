import type { Engine } from "../engine/mod.ts";
import type { EncodedRows } from "../eval/tasks/mod.ts";
import type { Gemma3Config } from "../model/config/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { type Row, splitRows } from "../train/data/mod.ts";
import { configuredTasks } from "./distill/tasks.ts";
import { configuredRows, openSource, teacherHeld } from "./inputs.ts";
import { distilledRows, type MemoryPlan, planMemory } from "./memory_plan.ts";
import type { Reporter } from "./reporter.ts";
import { plannedStudent } from "./step_plan.ts";

/** What a run would work on, and the Programs that it would prepare; nothing of it has run. */
export interface PlannedRun {
  readonly teacher: Gemma3Config;
  readonly student: Gemma3Config;
  readonly split: { readonly train: readonly Row[]; readonly validation: readonly Row[] };
  readonly tasks: readonly EncodedRows[];
  readonly plan: MemoryPlan;
}

/** Records what `distill` would run, on models without values. Throws as opening the model and the data do. */
export async function planRun(
  openEngine: () => Promise<Engine>,
  config: Config,
  reporter: Reporter,
): Promise<PlannedRun> {
  const source = await openSource(config.teacher!, config, reporter), { opened } = source;
  try {
    const rows = await configuredRows(config, source, reporter),
      split = splitRows(rows, config.data.validation, config.seed),
      tasks = await configuredTasks(config, source, reporter.note);
    const teacher = opened.config, student = plannedStudent(teacher, config);
    const models = { teacher, student, teacherHeld: teacherHeld(config, opened, reporter.note) };
    const { target } = await openEngine(), planned = distilledRows(rows, split, config, tasks);
    return { teacher, student, split, tasks, plan: planMemory(target, models, config, planned, true) };
  } finally {
    opened.weights.close();
  }
}
