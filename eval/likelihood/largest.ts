import { createTensor, type Program, type Slot, type Target } from "../../engine/mod.ts";
import type { Gemma3 } from "../../model/gemma3/mod.ts";
import { limitsOf, PRODUCT_STEPS, sizeFor } from "./limits.ts";
import { pack, type PackedShape, shapeOf } from "./pack.ts";
import { planBatches } from "./plan.ts";
import { recordScores, recordStates } from "./programs.ts";
import { type LikelihoodRequest, longestOf, toSequence } from "./request.ts";

/** The largest Programs of `measureLikelihoods`. */
export interface LargestLikelihoods {
  /** Blocks over packed rows: every shape that no other one covers. */
  readonly states: readonly Program[];
  /** The projection of most states to the vocabulary. */
  readonly scores: Program;
  /** What stands on the device beside a Program of `states`: what is fed to the projection, and what it gives. */
  readonly beside: readonly Slot[];
}

/**
 * Records what several sets of requests, measured one after another, run at most. Nothing is computed, and the model needs
 * no values: for planning memory.
 *
 * @throws as `measureLikelihoods`, for requests that cannot be fed
 */
export function recordLargest(
  target: Target,
  model: Gemma3,
  sets: readonly (readonly LikelihoodRequest[])[],
  maxLength?: number,
): LargestLikelihoods {
  let shapes: PackedShape[] = [], most = 1, states = 1;
  for (const requests of sets) {
    const sequences = requests.map((request) => toSequence(request, model.config, maxLength));
    const limits = limitsOf(model.config, target, longestOf(sequences)),
      plan = planBatches(sequences, limits);
    const packed = plan.batches.map((batch) => pack(sequences, plan, batch));
    shapes = largest([...shapes, ...packed.map((each) => shapeOf(each, plan))]);
    const rows = packed.reduce((sum, { rows }) => sum + rows.length, 0);
    most = Math.max(most, Math.min(limits.rows, sizeFor(rows, PRODUCT_STEPS)));
    states = Math.max(states, limits.rows + limits.columns);
  }
  const pool = createTensor("scored states", "state", [states, model.config.hiddenSize]);
  const { program: scores, inputs, outputs } = recordScores(target, model, most, pool);
  return {
    states: shapes.map((shape) => recordStates(target, model, shape, pool).program),
    scores,
    beside: [...Object.values(inputs), ...Object.values(outputs)].map(({ slot }) => slot),
  };
}

/** The shapes that no other one covers in columns, queries and keys. */
function largest(shapes: readonly PackedShape[]): PackedShape[] {
  const sizes = ({ N, A, T, S }: PackedShape) => [N, A * T, A * S];
  const covers = (a: PackedShape, b: PackedShape) => sizes(a).every((size, i) => size >= sizes(b)[i]!);
  return shapes.filter((shape, i) =>
    !shapes.some((other, j) => j !== i && covers(other, shape) && (j < i || !covers(shape, other)))
  );
}
