import { attention as attend, elementCount, gatherRows, reshape, type Tensor } from "../../engine/mod.ts";

/**
 * How the columns of one row of N tokens belong together where many sequences stand in it, those that begin alike sharing
 * columns. Attention sees them as A stretches of T queries, each with the S keys of its sequence from the first on;
 * everything else works on single tokens and sees none of it. What has no counterpart holds an index of no column.
 */
export interface Packing {
  /** u32 [A, T]: column of each query. */
  readonly queries: Tensor;
  /** u32 [A, S]: column of each key. */
  readonly keys: Tensor;
  /** u32 [N]: place of each column among the A T queries. */
  readonly places: Tensor;
}

/**
 * Attention within packed sequences: the op itself, between a gather of stretches and one back into columns.
 *
 * @param q [1, N, H, D]
 * @param k [1, N, H_kv, D], as `v`
 * @param spans u32 [A, 3], of the stretches: see the op
 * @returns [1, N, H, D]
 */
export function packedAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  spans: Tensor,
  { queries, keys, places }: Packing,
  window: number,
  scale: number,
): Tensor {
  const stretches = (x: Tensor, index: Tensor) => {
    const [, N, heads, D] = x.shape as [number, number, number, number];
    const gathered = gatherRows(reshape(x, [N, heads * D]), reshape(index, [elementCount(index.shape)]));
    return reshape(gathered, [...index.shape, heads, D]);
  };
  const y = attend(stretches(q, queries), stretches(k, keys), stretches(v, keys), spans, window, scale);
  const [A, T, H, D] = y.shape as [number, number, number, number];
  return reshape(gatherRows(reshape(y, [A * T, H * D]), places), q.shape);
}
