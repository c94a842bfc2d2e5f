import { type Engine, UNSCORED } from "../engine/mod.ts";
import { compactScored, type MicroBatch } from "./data/mod.ts";
import type { StepInputs } from "./step.ts";

/**
 * Uploads a micro-batch: its ids, and the targets of its scored positions with their weight.
 *
 * @param weight of a scored position in the loss
 */
export async function feedBatch(
  engine: Engine,
  { ids, targets, weights, compaction }: StepInputs,
  batch: MicroBatch,
  weight: number,
): Promise<void> {
  await engine.write(ids, batch.ids);
  let scored = batch.targets;
  if (compaction) {
    const [N, M] = [batch.B * batch.T, targets.shape[0]!];
    const { positions, places } = compactScored((n) => batch.targets[n] !== UNSCORED, N, M);
    await engine.write(compaction.positions, positions);
    await engine.write(compaction.places, places);
    scored = positions.map((n) => batch.targets[n] ?? UNSCORED);
  }
  await engine.write(targets, scored);
  await engine.write(weights, Float32Array.from(scored, (target) => target === UNSCORED ? 0 : weight));
}
