import {
  product,
  roundUp,
  rows,
  scope,
  slices,
  softcap,
  target,
  temporary,
  type Tensor,
} from "../../engine/mod.ts";

/** Bytes that one chunk of logits may take. */
const CHUNK_BYTES = 2 ** 27;
/** Rows of a chunk start on binding offsets that every adapter accepts. */
const STEP = 64;

/**
 * Ranges of N positions whose logits over the vocabulary exist at once.
 *
 * @param chunk positions wanted in a range; those whose logits take {@link CHUNK_BYTES} where not given. A binding may cover
 *   fewer, and rows of a chunk start on offsets that every adapter accepts.
 */
export function positionChunks(
  N: number,
  vocabulary: number,
  chunk: number | null = null,
  maxBinding = target().maxBinding,
): [start: number, end: number][] {
  const bytes = chunk === null ? CHUNK_BYTES : 4 * vocabulary * roundUp(chunk, STEP);
  const fits = Math.floor(Math.min(bytes, maxBinding) / 4 / vocabulary);
  const length = fits >= N ? N : Math.max(STEP, Math.floor(fits / STEP) * STEP);
  return Array.from({ length: Math.ceil(N / length) }, (_, i) => [i * length, Math.min(N, (i + 1) * length)]);
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
