import {
  backward,
  createGradients,
  ELEMENT_BYTES,
  type Gradients,
  product,
  rows,
  scope,
  slices,
  softcap,
  sumColumns,
  target,
  temporary,
  type Tensor,
} from "../../engine/mod.ts";
import { columnsFrom, positionChunks, vocabularyLogits } from "../../model/gemma3/mod.ts";
import type { LossConfig } from "./kinds.ts";
import { pairLoss, PARTS } from "./pair_loss.ts";

/** Hidden states [N, C] after the final norm, the tied embedding [V, C], and Gemma 2's soft cap or null. */
export interface Head {
  readonly hidden: Tensor;
  readonly embedding: Tensor;
  readonly cap: number | null;
}

/** Which positions count: targets u32 [N] and weights [N], zero where a position is not scored. */
export interface Scored {
  readonly targets: Tensor;
  readonly weights: Tensor;
}

/**
 * The loss over the whole vocabulary and its gradients, chunk by chunk of positions, so that the logits of all
 * positions never exist at once (the idea of Liger-Kernel's fused linear losses: the gradient is made with the loss).
 *
 * The gradient of the embedding goes to `gradients`; the one of the hidden states is returned, to walk back from.
 *
 * @returns parts [4]: sums over positions of {@link PARTS}; dHidden [N, C]
 */
export function vocabularyLoss(
  student: Head,
  teacher: Head | undefined,
  { targets, weights }: Scored,
  loss: LossConfig,
  gradients: Gradients,
): { parts: Tensor; dHidden: Tensor } {
  return scope("loss", () => {
    const N = student.hidden.shape[0]!, V = student.embedding.shape[0]!;
    const dHidden = temporary("d hidden", student.hidden.shape), total = temporary("losses", [PARTS.length]);
    const embedding = gradients.destination(student.embedding);
    for (const [first, last] of positionChunks(N, V)) {
      const part = (tensor: Tensor) => rows(tensor, first, last);
      const logits = {
        ...vocabularyLogits(part(student.hidden), student.embedding, null),
        differentiable: true,
      };
      const capped = student.cap === null ? logits : softcap(logits, student.cap);
      const other = teacher ? vocabularyLogits(part(teacher.hidden), teacher.embedding, teacher.cap) : capped;
      const pair = { student: capped, teacher: other, targets: part(targets), weights: part(weights) };
      const { gradient, parts } = pairLoss(pair, loss);
      sumColumns(parts, total, first > 0);
      const dLogits = student.cap === null ? gradient : throughCap(logits, capped, gradient);
      intoHidden(dLogits, student.embedding, part(dHidden));
      intoEmbedding(dLogits, part(student.hidden), embedding.tensor, embedding.accumulate || first > 0);
    }
    gradients.written(student.embedding);
    return { parts: total, dHidden };
  });
}

/** The gradient of the raw logits from the one of the capped. */
function throughCap(logits: Tensor, capped: Tensor, gradient: Tensor): Tensor {
  const inner = createGradients();
  backward(capped, gradient, inner);
  return inner.of(logits)!;
}

/** Rows of the embedding that one product of {@link intoHidden} takes: they stay in a CPU's cache while all of dZ passes. */
const SLAB_ROWS = 1024;

/** dH = dZ E, adding up over slabs of the vocabulary. */
function intoHidden(dLogits: Tensor, embedding: Tensor, dHidden: Tensor): void {
  const [n, V] = dLogits.shape as [number, number], C = embedding.shape[1]!;
  for (const { start, end } of slices(V, C, Math.min(target().maxBinding, SLAB_ROWS * C * ELEMENT_BYTES))) {
    product({
      op: "logits.backward",
      layout: "NN",
      a: columnsFrom(dLogits, start),
      b: rows(embedding, start, end),
      c: dHidden,
      M: n,
      N: C,
      K: end - start,
      aRow: V,
      add: start > 0,
    });
  }
}

/** dE = dZᵀ H, slice by slice, added to what is there unless this is the first contribution. */
function intoEmbedding(dLogits: Tensor, hidden: Tensor, dEmbedding: Tensor, add: boolean): void {
  const [n, V] = dLogits.shape as [number, number], C = hidden.shape[1]!;
  for (const { start, end } of slices(V, C)) {
    product({
      op: "logits.backward",
      layout: "TN",
      a: columnsFrom(dLogits, start),
      b: hidden,
      c: rows(dEmbedding, start, end),
      M: end - start,
      N: C,
      K: n,
      aRow: V,
      add,
    });
  }
}
