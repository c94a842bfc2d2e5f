import type { Engine } from "../../engine/mod.ts";
import { uploadPlaces } from "../../model/gemma3/mod.ts";
import type { MicroBatch } from "../../train/data/mod.ts";
import { feedBatch } from "../../train/feed.ts";
import { PARTS } from "../../train/losses/mod.ts";
import { CLIP } from "../../train/metrics.ts";
import type { Step, TrainingState } from "../../train/step.ts";

/** Feeds micro-batches to a recorded step. @param weight of a scored position, by micro-batch */
export async function feedStep(
  engine: Engine,
  step: Step,
  batches: readonly MicroBatch[],
  weight: (batch: MicroBatch) => number,
  schedule: Float32Array,
): Promise<void> {
  for (const [i, batch] of batches.entries()) {
    const inputs = step.inputs[i]!;
    await feedBatch(engine, inputs, batch, weight(batch));
    await uploadPlaces(engine, inputs);
  }
  await engine.write(step.schedule, schedule);
}

/** Losses as in PARTS, and norm and clip factor, of the step that ran last, from the first row of the history. */
export async function readMetrics(engine: Engine, { history }: TrainingState) {
  const values = await engine.read(history) as Float32Array;
  return { losses: values.subarray(0, PARTS.length), clip: values.subarray(CLIP, CLIP + 2) };
}
