/** Two ways to the same loss over a vocabulary: in chunks as training has it, and by the engine's ops over whole logits. */
import {
  backward,
  createGradients,
  createTensor,
  output,
  product,
  type Program,
  record,
  rows,
  slices,
  sumColumns,
  type Target,
  temporary,
  type Tensor,
} from "../engine/mod.ts";
import { columnsFrom, positionChunks, vocabularyLogits } from "../model/gemma3/mod.ts";
import { distillationLoss, type Head, type Scored, scoredRows, vocabularyLoss } from "../train/losses/mod.ts";

/** Heads of student and teacher over N positions, all scored. */
export interface LossInputs {
  readonly student: Head;
  readonly teacher: Head;
  readonly targets: Tensor;
  readonly weights: Tensor;
  /** [N]: upstream gradient of each position's weighed loss. */
  readonly ones: Tensor;
}

/** Declares the inputs of N positions of C channels over a vocabulary of V. */
export function declareLossInputs(N: number, C: number, V: number): LossInputs {
  const head = (name: string, differentiable: boolean): Head => ({
    hidden: createTensor(`${name} hidden`, "input", [N, C]),
    embedding: createTensor(`${name} embedding`, "parameter", [V, C], "f32", differentiable),
    cap: null,
  });
  return {
    student: head("student", true),
    teacher: head("teacher", false),
    targets: createTensor("targets", "input", [N], "u32"),
    weights: createTensor("weights", "input", [N]),
    ones: createTensor("ones", "input", [N]),
  };
}

/** The same over the first positions alone. */
export function firstPositions({ student, teacher, ...scored }: LossInputs, count: number): LossInputs {
  const first = (tensor: Tensor) => rows(tensor, 0, count);
  const head = (whole: Head): Head => ({ ...whole, hidden: first(whole.hidden) });
  const { targets, weights, ones } = scored;
  return {
    student: head(student),
    teacher: head(teacher),
    targets: first(targets),
    weights: first(weights),
    ones: first(ones),
  };
}

/** A recorded loss, with what to read of it. The gradient of the embedding stands where the recorder was told. */
export interface Way {
  readonly program: Program;
  /** Fused: the sums of PARTS; unfused: the loss [1]. */
  readonly loss: Tensor;
  readonly dHidden: Tensor;
}

/** The loss that is measured. */
export const LOSS = { kind: "forward_kl", alpha: 0.5, beta: 0.5, temperature: 2, skew: 0 } as const;

/** In chunks; where `scored` is given, over these positions alone. */
export function recordFused(
  target: Target,
  { student, teacher, ...all }: LossInputs,
  dEmbedding: Tensor,
  scored: Scored = all,
): Way {
  const { program, result } = record("fused", target, () => {
    const gradients = createGradients(new Map([[student.embedding, dEmbedding]]));
    const seen = { ...teacher, hidden: scoredRows(teacher.hidden, scored) };
    const { parts, dHidden } = vocabularyLoss({ student, teacher: seen, scored, loss: LOSS }, gradients);
    return { loss: output("loss", parts), dHidden: output("d hidden", dHidden) };
  });
  return { program, ...result };
}

/**
 * Whole logits of student and teacher, the op `distillation_loss`, its gradient, the products back. Where a binding cannot
 * cover all rows they stand in blocks of rows; all blocks exist at once all the same.
 */
export function recordUnfused(target: Target, inputs: LossInputs, dEmbedding: Tensor): Way {
  const { student, teacher, targets, weights, ones } = inputs;
  const [N, V] = [targets.shape[0]!, dEmbedding.shape[0]!];
  const { program, result } = record("unfused", target, () => {
    const blocks = positionChunks(N, V, N), dHidden = temporary("d hidden", student.hidden.shape);
    const logitsOf = ({ hidden, embedding }: Head) =>
      blocks.map(([first, last]) => vocabularyLogits(rows(hidden, first, last), embedding, null));
    const z = logitsOf(student).map((logits) => ({ ...logits, differentiable: true })), t = logitsOf(teacher);
    const losses = blocks.map(([first, last], i) =>
      distillationLoss({
        student: z[i]!,
        teacher: t[i]!,
        targets: rows(targets, first, last),
        weights: rows(weights, first, last),
      }, LOSS)
    );
    const loss = temporary("loss", [1]);
    losses.forEach((values, i) => sumColumns({ ...values, shape: [...values.shape, 1] }, loss, i > 0));
    const dLogits = blocks.map(([first, last], i) => {
      const gradients = createGradients();
      backward(losses[i]!, rows(ones, first, last), gradients);
      return gradients.of(z[i]!)!;
    });
    blocks.forEach(([first, last], i) => {
      const hidden = rows(student.hidden, first, last);
      productsBack(dLogits[i]!, hidden, student.embedding, rows(dHidden, first, last), dEmbedding, first > 0);
    });
    return { loss: output("loss", loss), dHidden: output("d hidden", dHidden) };
  });
  return { program, ...result };
}

/** dH = dZ E and dE = dZᵀ H, in the slices of the vocabulary that a binding covers. */
function productsBack(dZ: Tensor, H: Tensor, E: Tensor, dH: Tensor, dE: Tensor, add: boolean): void {
  const [M, C] = H.shape as [number, number], V = E.shape[0]!, op = "logits.backward";
  for (const { start, end } of slices(V, C)) {
    const a = columnsFrom(dZ, start), length = end - start;
    product({
      op,
      layout: "NN",
      a,
      b: rows(E, start, end),
      c: dH,
      M,
      N: C,
      K: length,
      aRow: V,
      epilogue: start > 0 ? "add" : "store",
    });
    product({
      op,
      layout: "TN",
      a,
      b: H,
      c: rows(dE, start, end),
      M: length,
      N: C,
      K: M,
      aRow: V,
      epilogue: add ? "add" : "store",
    });
  }
}
