import type { Engine } from "../engine/mod.ts";
import type { Gemma3Config } from "../model/config/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { type Row, splitRows } from "../train/data/mod.ts";
import { type PlanInputs, planInputs } from "./dry_run/inputs.ts";
import { distilledRows, type MemoryPlan, planMemory, type PlannedRows } from "./memory_plan.ts";
import type { Reporter } from "./reporter.ts";
import { plannedStudent } from "./step_plan.ts";

/** What a run would work on, and the Programs that it would prepare; nothing of it has run. */
export interface PlannedRun {
  readonly inputs: PlanInputs;
  readonly student: Gemma3Config;
  readonly split: { readonly train: readonly Row[]; readonly validation: readonly Row[] };
  readonly rows: PlannedRows;
  readonly plan: MemoryPlan;
}

/** Records what `distill` would run, on models without values. Throws as opening the model and the data do. */
export async function planRun(
  openEngine: () => Promise<Engine>,
  config: Config,
  reporter: Reporter,
): Promise<PlannedRun> {
  const inputs = await planInputs(config, reporter), { teacher, held, tasks } = inputs;
  const split = splitRows(inputs.rows, config.data.validation, config.seed);
  const student = plannedStudent(teacher, config), rows = distilledRows(inputs.rows, split, config, tasks);
  const models = { teacher, student, teacherHeld: held }, { target } = await openEngine();
  return { inputs, student, split, rows, plan: planMemory(target, models, config, rows, true) };
}
