import type { ImportanceBatch } from "./batch.ts";

/** The definitions of a block's importance, by name. */
export const IMPORTANCE_METHODS = ["optipfair-0.2", "optipfair-0.4", "block-influence"] as const;

/**
 * How much a block changes what flows through it: 1 - cos(input, output), with the cosine taken
 *
 * - `optipfair-0.2`: over each sequence as one vector, pads included; mean over the sequences of a batch, then over
 *   batches, each counting the same (optipfair 0.2.4, pruning/depth.py);
 * - `optipfair-0.4`: at each token, pads left out; mean over the tokens of a batch, then over batches (optipfair 0.4.2);
 * - `block-influence`: at each token, pads left out; one mean over all tokens (ShortGPT, arXiv:2403.03853).
 */
export type ImportanceMethod = typeof IMPORTANCE_METHODS[number];

/** Gathers batches into the score of one block, in f64. */
export interface Score {
  /** @param products (⟨x, y⟩, ⟨x, x⟩, ⟨y, y⟩) at each position [B, T, 3] */
  add(batch: ImportanceBatch, products: Float32Array): void;
  value(): number;
}

/** A score without batches yet. */
export function createScore(method: ImportanceMethod): Score {
  if (method === "block-influence") return meanOverTokens();
  return meanOverBatches(method === "optipfair-0.2" ? bySequence : byToken);
}

/** Products so small that their cosine means nothing count as this (torch.nn.functional.cosine_similarity). */
const SMALLEST = 1e-8;

function cosine(xy: number, xx: number, yy: number): number {
  return xy / Math.max(Math.sqrt(xx) * Math.sqrt(yy), SMALLEST);
}

/** Cosine at each position. */
function cosines(products: Float32Array): Float64Array {
  return Float64Array.from(
    { length: products.length / 3 },
    (_, i) => cosine(products[3 * i]!, products[3 * i + 1]!, products[3 * i + 2]!),
  );
}

/** 1 - mean over the rows whose values are finite; 0 where there is none, as in optipfair. */
function bySequence({ B, T }: ImportanceBatch, products: Float32Array): number {
  let sum = 0, rows = 0;
  for (let b = 0; b < B; b++) {
    let xy = 0, xx = 0, yy = 0;
    for (let i = 3 * b * T; i < 3 * (b + 1) * T; i += 3) {
      xy += products[i]!;
      xx += products[i + 1]!;
      yy += products[i + 2]!;
    }
    const similarity = cosine(xy, xx, yy);
    if (![xy, xx, yy, similarity].every(Number.isFinite)) continue;
    sum += similarity;
    rows++;
  }
  return rows === 0 ? 0 : 1 - sum / rows;
}

/** 1 - mean over the tokens; 0 where that is not finite or there is none, as in optipfair. */
function byToken({ mask }: ImportanceBatch, products: Float32Array): number {
  const tokens = mask.reduce((sum, counts) => sum + counts, 0);
  const mean = cosines(products).reduce((sum, similarity, i) => sum + similarity * mask[i]!, 0) / tokens;
  return Number.isFinite(mean) ? 1 - mean : 0;
}

function meanOverBatches(scoreOf: (batch: ImportanceBatch, products: Float32Array) => number): Score {
  let sum = 0, batches = 0;
  return {
    add(batch, products) {
      sum += scoreOf(batch, products);
      batches++;
    },
    value: () => sum / batches,
  };
}

/** A cosine that is not a number counts as 0.5, as in ShortGPT's code. */
function meanOverTokens(): Score {
  let sum = 0, tokens = 0;
  return {
    add({ mask }, products) {
      cosines(products).forEach((similarity, i) => {
        if (mask[i] === 0) return;
        sum += 1 - (Number.isNaN(similarity) ? 0.5 : similarity);
        tokens++;
      });
    },
    value: () => sum / tokens,
  };
}
