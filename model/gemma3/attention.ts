import { attention as attend, linear, reshape, rmsNorm, rope, type Tensor } from "../../engine/mod.ts";
import type { Gemma3Config } from "../config/mod.ts";
import { packedAttention, type Packing } from "./packing.ts";
import type { BlockWeights } from "./parameters.ts";
import type { RopeTable } from "./rope_tables.ts";

/** Where the tokens of a batch stand. */
export interface Places {
  /** u32 [T]: position of each column; the same for every row, padding or not. */
  readonly positions: Tensor;
  /** u32 [B, 3]: first key that counts, position of the first query, first key that is right padding. */
  readonly spans: Tensor;
  /** Where the batch is one row of many sequences; `spans` are then those of its stretches, [A, 3]. */
  readonly packing?: Packing;
}

/** Lets a key-value cache stand between the projections and the scores; answers all keys and values so far. */
export type Remember = (keys: Tensor, values: Tensor) => { keys: Tensor; values: Tensor };

/**
 * Causal attention with grouped heads: projections, norms of queries and keys, rotation, and the fused op.
 * `attnLogitSoftcapping` changes nothing: transformers' Gemma 3 reads it and never applies it, as norms of queries and
 * keys took its place.
 *
 * @param x [B, T, C], normed
 * @param window 0 for a full layer
 * @returns [B, T, C], before the post-attention norm
 */
export function attention(
  x: Tensor,
  weights: BlockWeights,
  config: Gemma3Config,
  table: RopeTable,
  window: number,
  places: Places,
  remember: Remember = (keys, values) => ({ keys, values }),
): Tensor {
  const [B, T] = x.shape as [number, number, number];
  const { numAttentionHeads: heads, numKeyValueHeads: kvHeads, headDim: D } = config;
  const project = (weight: Tensor, count: number) => reshape(linear(x, weight), [B, T, count, D]);
  const turned = (y: Tensor, norm: Tensor) =>
    rope(rmsNorm(y, norm, config.rmsNormEps), table.cosine, table.sine, places.positions);

  const q = turned(project(weights.q, heads), weights.qNorm);
  const k = turned(project(weights.k, kvHeads), weights.kNorm);
  const { keys, values } = remember(k, project(weights.v, kvHeads));
  const { spans, packing } = places, scale = config.queryPreAttnScalar ** -0.5;
  const mixed = packing
    ? packedAttention(q, keys, values, spans, packing, window, scale)
    : attend(q, keys, values, spans, window, scale);
  return linear(reshape(mixed, [B, T, heads * D]), weights.o);
}
