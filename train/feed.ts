import { type Engine, UNSCORED } from "../engine/mod.ts";
import { compactScored, type MicroBatch, type Row } from "./data/mod.ts";
import type { StepInputs } from "./step.ts";
import { placesOfStates, type TeacherStates } from "./teacher_states.ts";

/**
 * Uploads a micro-batch: its ids, and the targets of its scored positions with their weight.
 *
 * @param weight of a scored position in the loss
 * @param states where the step keeps the teacher's states
 */
export async function feedBatch(
  engine: Engine,
  { ids, targets, weights, compaction, statePlaces }: StepInputs,
  batch: MicroBatch,
  weight: number,
  states?: TeacherStates,
): Promise<void> {
  const N = batch.B * batch.T;
  let positions: Row = Uint32Array.from({ length: N }, (_, n) => n);
  await engine.write(ids, batch.ids);
  if (compaction) {
    const compact = compactScored((n) => batch.targets[n] !== UNSCORED, N, targets.shape[0]!);
    await engine.write(compaction.positions, positions = compact.positions);
    await engine.write(compaction.places, compact.places);
  }
  if (statePlaces) await engine.write(statePlaces, placesOfStates(states!, batch, positions));
  const scored = positions.map((n) => batch.targets[n] ?? UNSCORED);
  await engine.write(targets, scored);
  await engine.write(weights, Float32Array.from(scored, (target) => target === UNSCORED ? 0 : weight));
}
