import {
  accumulate,
  argmax,
  createTensor,
  crossEntropy,
  gatherRows,
  type Program,
  record,
  reshape,
  scatterRows,
  scope,
  type Target,
  type Tensor,
} from "../../engine/mod.ts";
import { forward, type Gemma3, vocabularyLogits } from "../../model/gemma3/mod.ts";
import { type PackedShape, TARGETS } from "./pack.ts";

/** Hidden states of a packed row, those that are scored kept in a pool. */
export interface RecordedStates {
  readonly program: Program;
  readonly inputs: {
    /** u32 [1, N] */
    readonly ids: Tensor;
    /** u32 [N] */
    readonly positions: Tensor;
    /** u32 [A, 3] */
    readonly spans: Tensor;
    /** u32 [A, T], [A, S], [N]: see `Packing` */
    readonly queries: Tensor;
    readonly keys: Tensor;
    readonly places: Tensor;
    /** u32 [N]: row of the pool that takes each column's state; beyond its end where none does. */
    readonly pooled: Tensor;
  };
}

/** Records the blocks over a packed row. @param pool [R, C] */
export function recordStates(
  target: Target,
  model: Gemma3,
  { N, A, T, S }: PackedShape,
  pool: Tensor,
): RecordedStates {
  const input = (name: string, ...shape: number[]) => createTensor(name, "input", shape, "u32");
  const inputs = {
    ids: input("ids", 1, N),
    positions: input("positions", N),
    spans: input("spans", A, 3),
    queries: input("queries", A, T),
    keys: input("keys", A, S),
    places: input("places", N),
    pooled: input("pooled", N),
  };
  const { ids, positions, spans, pooled, ...packing } = inputs;
  const { program } = record(`states ${N} of ${A} x ${T} x ${S}`, target, () => {
    const hidden = forward(model, ids, { positions, spans, packing });
    scatterRows(reshape(hidden, [N, model.config.hiddenSize]), pooled, [pool]);
  });
  return { program, inputs };
}

/** What the vocabulary says of M states of the pool. */
export interface RecordedScores {
  readonly program: Program;
  readonly inputs: {
    /** u32 [M]: rows of the pool. */
    readonly states: Tensor;
    /** u32 [M]: the first target of each. */
    readonly targets: Tensor;
    /** u32 [M {@link TARGETS}]: where each target's logit stands among those of all rows, m V + token. */
    readonly wanted: Tensor;
  };
  readonly outputs: {
    /** f32 [M]: minus the logarithm of the first target's probability. */
    readonly losses: Tensor;
    /** f32 [M {@link TARGETS}, 1]: logits of the targets. */
    readonly logits: Tensor;
    /** u32 [M]: the likeliest token. */
    readonly likeliest: Tensor;
  };
}

/** Records the scores of M states, whose logits one binding covers. */
export function recordScores(target: Target, model: Gemma3, M: number, pool: Tensor): RecordedScores {
  const { vocabSize, finalLogitSoftcapping } = model.config;
  const inputs = {
    states: createTensor("states", "input", [M], "u32"),
    targets: createTensor("targets", "input", [M], "u32"),
    wanted: createTensor("wanted", "input", [M * TARGETS], "u32"),
  };
  const outputs = {
    losses: createTensor("losses", "output", [M]),
    logits: createTensor("target logits", "output", [M * TARGETS, 1]),
    likeliest: createTensor("likeliest", "output", [M], "u32"),
  };
  const { program } = record(`scores of ${M}`, target, () => {
    const states = gatherRows(pool, inputs.states);
    const logits = vocabularyLogits(states, model.parameters.embedding, finalLogitSoftcapping);
    scope("scores", () => {
      accumulate(outputs.losses, crossEntropy(logits, inputs.targets), false);
      accumulate(outputs.logits, gatherRows(reshape(logits, [M * vocabSize, 1]), inputs.wanted), false);
      argmax(logits, outputs.likeliest);
    });
  });
  return { program, inputs, outputs };
}
