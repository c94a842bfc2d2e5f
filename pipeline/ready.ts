import type { Engine } from "../engine/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { type MemoryPlan, planMemory, type PlannedRows, requireMemory } from "./memory_plan.ts";
import type { Reporter } from "./reporter.ts";
import { type PlannedModels, trainingFlops } from "./step_plan.ts";
import { tuneForTraining } from "./tuning/measure.ts";

/**
 * What comes before a run that trains: its memory is planned, refused where it is short, and allocated; where the
 * training is long, kernels are chosen by measurement.
 *
 * @param distills as in {@link planMemory}
 * @param tunes whether kernels may be measured: not where the choice is that of the run which is gone on with
 * @returns the plan
 * @throws {DeviceError} as {@link planMemory} and {@link requireMemory}
 */
export async function readyToTrain(
  engine: Engine,
  models: PlannedModels,
  config: Config,
  rows: PlannedRows,
  distills: boolean,
  reporter: Reporter,
  tunes = true,
): Promise<MemoryPlan> {
  const plan = planMemory(engine.target, models, config, rows, distills);
  requireMemory(engine, plan, config);
  const flops = [plan.step, plan.control].map((step) =>
    step ? trainingFlops(step, config, rows.training) : 0
  );
  if (tunes) await tuneForTraining(engine, flops.reduce((sum, each) => sum + each), reporter);
  await engine.reserve(plan.programs);
  return plan;
}
