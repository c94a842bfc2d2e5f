import {
  linear,
  maskedSoftmax,
  matmul,
  reshape,
  rmsNorm,
  rope,
  swapAxes,
  type Tensor,
} from "../../engine/mod.ts";
import type { Gemma3Config } from "../config/mod.ts";
import type { BlockWeights } from "./parameters.ts";
import type { RopeTable } from "./rope_tables.ts";

/** Where the tokens of a batch stand. */
export interface Places {
  /** u32 [T]: position of each column; the same for every row, padding or not. */
  readonly positions: Tensor;
  /** u32 [B, 3]: first key that counts, position of the first query, first key that is right padding. */
  readonly spans: Tensor;
}

/** Lets a key-value cache stand between the projections and the scores; answers all keys and values so far. */
export type Remember = (keys: Tensor, values: Tensor) => { keys: Tensor; values: Tensor };

/**
 * Causal attention with grouped heads: the G query heads of a key-value head are rows of one product, so K and V are
 * never repeated. `attnLogitSoftcapping` changes nothing: transformers' Gemma 3 reads it and never applies it, as
 * norms of queries and keys took its place.
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
  const byHead = (y: Tensor, count: number) => swapAxes(reshape(y, [B, T, count, D])); // [B, count, T, D]
  const turned = (y: Tensor) => rope(y, table.cosine, table.sine, places.positions);

  const q = turned(
    swapAxes(rmsNorm(reshape(linear(x, weights.q), [B, T, heads, D]), weights.qNorm, config.rmsNormEps)),
  );
  const k = turned(
    swapAxes(rmsNorm(reshape(linear(x, weights.k), [B, T, kvHeads, D]), weights.kNorm, config.rmsNormEps)),
  );
  const { keys, values } = remember(k, byHead(linear(x, weights.v), kvHeads));
  const S = keys.shape[2]!;

  const stacked = reshape(q, [B * kvHeads, heads / kvHeads * T, D]);
  const scores = matmul(stacked, reshape(keys, [B * kvHeads, S, D]), "NT", config.queryPreAttnScalar ** -0.5);
  const looks = maskedSoftmax(reshape(scores, [B, heads, T, S]), places.spans, window);
  const seen = reshape(values, [B * kvHeads, S, D]);
  const mixed = matmul(reshape(looks, [B * kvHeads, heads / kvHeads * T, S]), seen);
  return linear(reshape(swapAxes(reshape(mixed, [B, heads, T, D])), [B, T, heads * D]), weights.o);
}
