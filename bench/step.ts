import type { Engine } from "../engine/mod.ts";
import type { Gemma3Config } from "../model/config/mod.ts";
import { loadGemma3, releaseGemma3 } from "../model/gemma3/mod.ts";
import { pruneModel } from "../model/pruning/mod.ts";
import type { Effort } from "./measure.ts";
import type { Limits, Row } from "./report.ts";
import { countCreated } from "./training/created.ts";
import { measureTraining } from "./training/measure.ts";
import { openTraining } from "./training/open.ts";
import { randomWeights } from "./training/weights.ts";

/** What one step of healing is measured on; weights and tokens are random. */
export interface StepOptions {
  /** The teacher; the student is it without the blocks `drop`. */
  readonly config: Gemma3Config;
  readonly drop: readonly number[];
  /** Rows and tokens of the one micro-batch. */
  readonly B: number;
  readonly T: number;
}

/** Steps that are submitted without a wait to see that they create nothing. */
const SUBMITTED = 3;
const RATE = 1e-3;

/** One optimizer step of distillation; the rows are those of a measured training. */
export async function benchStep(
  engine: Engine,
  limits: Limits,
  { config, drop, B, T }: StepOptions,
  effort: Effort,
): Promise<Row[]> {
  const weights = randomWeights(config, 1), pruned = pruneModel({ config, weights }, drop);
  const teacher = await loadGemma3(engine, config, weights.readF32, { label: "teacher", positions: T });
  const student = await loadGemma3(engine, pruned.config, pruned.read, {
    label: "student",
    positions: T,
    differentiable: true,
  });
  const training = await openTraining(engine, { teacher, student, B, T, rate: RATE });
  const shape = `${B}x${T}, ${config.numHiddenLayers} -> ${pruned.config.numHiddenLayers} blocks`;
  const { step, dispatches, longest } = await measureTraining(engine, training, limits, effort, 3, {
    benchmark: "step",
    shape,
  });
  const created = await countCreated(engine.device.gpu, async () => {
    for (let i = 0; i < SUBMITTED; i++) await training.submit();
  });
  await training.losses(); // waits
  const memory = Object.values(training.prepared.memory).reduce((sum, bytes) => sum + bytes, 0);
  training.release();
  for (const model of [teacher, student]) releaseGemma3(engine, model);
  const facts = {
    ...(step.time && { "tokens/s": B * T / step.time.p50 * 1000 }),
    ...step.facts,
    "objects created a step": created / SUBMITTED,
    "memory MiB": memory / 2 ** 20,
  };
  return [{ ...step, facts }, dispatches, ...longest];
}
