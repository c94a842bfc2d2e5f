/** The work that `lapidary tune` chooses kernels for: a step of each recipe, on models without values. */
import { DeviceError, type Target } from "../../engine/mod.ts";
import { GEMMA_3_270M } from "../../model/config/mod.ts";
import { resolveConfig } from "../../train/config/mod.ts";
import { pebbleConfig } from "../../train/pretrain.ts";
import { plannedStudent, planStep } from "../step_plan.ts";

/** Preset, teacher, and the rows of a step. */
const RECIPES = [
  { preset: "pebble", teacher: pebbleConfig(1024), tokens: 128, held: "f32" },
  { preset: "gem-3-mini", teacher: GEMMA_3_270M, tokens: 512, held: "bf16" },
] as const;

/**
 * Records the steps, so that the target's table knows which products they ask for; of a recipe that is too large for the
 * device it knows what was recorded before that showed.
 */
export async function recordUsualSteps(target: Target): Promise<void> {
  for (const { preset, teacher, tokens, held } of RECIPES) {
    const config = await resolveConfig({ preset }), { micro_batch, accumulation } = config.train;
    const rows = Array.from({ length: micro_batch * accumulation }, () => new Uint32Array(tokens));
    const models = { teacher, student: plannedStudent(teacher, config), teacherHeld: held };
    try {
      planStep(target, models, config, rows);
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
    }
  }
}
