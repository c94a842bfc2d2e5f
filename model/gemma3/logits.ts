import { product, rows, scope, slices, softcap, temporary, type Tensor } from "../../engine/mod.ts";

/** Rows of logits whose full width over the vocabulary one binding can cover. */
export function rowsPerChunk(vocabulary: number, maxBinding: number): number {
  return Math.max(1, Math.floor(maxBinding / 4 / vocabulary));
}

/**
 * Logits [N, V] of hidden states [N, C] by the tied embedding [V, C], bound in slices of the vocabulary. Not
 * differentiable: the vocabulary loss computes its gradients beside the logits.
 */
export function vocabularyLogits(hidden: Tensor, embedding: Tensor, cap: number | null): Tensor {
  return scope("logits", () => {
    const [N, C] = hidden.shape as [number, number], V = embedding.shape[0]!;
    const logits = temporary("logits", [N, V]);
    for (const { start, end } of slices(V, C)) {
      product({
        op: "logits",
        layout: "NT",
        a: hidden,
        b: rows(embedding, start, end),
        c: columnsFrom(logits, start),
        M: N,
        N: end - start,
        K: C,
        cRow: V,
      });
    }
    return cap === null ? logits : softcap(logits, cap);
  });
}

/** The rest of a matrix from a column on, flat; strides of the whole still walk its rows. */
export function columnsFrom(matrix: Tensor, column: number): Tensor {
  const [N, V] = matrix.shape as [number, number];
  return { ...matrix, offset: matrix.offset + column, shape: [N * V - column], differentiable: false };
}
