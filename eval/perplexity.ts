import { DataError, type Engine, LapidaryError } from "../engine/mod.ts";
import type { Gemma3 } from "../model/gemma3/mod.ts";
import { bucketFor, bucketLengths, chunk, longestRow, microBatch, type Row } from "../train/data/mod.ts";
import { requireRowsFit } from "../train/rows_fit.ts";
import { createScorer } from "./token_losses.ts";

/** How well a model predicts rows. */
export interface Perplexity {
  /** exp(crossEntropy) */
  readonly perplexity: number;
  /** Mean over all scored tokens, in nats: each row's tokens but its first. */
  readonly crossEntropy: number;
  /** Scored tokens. */
  readonly tokens: number;
  /** Loss of each token of each row but its first, in the order of the rows. */
  readonly tokenLosses: readonly Float32Array[];
}

/** Options of {@link measurePerplexity}. */
export interface PerplexityOptions {
  readonly batchSize: number;
  readonly padId: number;
  readonly signal?: AbortSignal | undefined;
  readonly onRows?: (done: number, total: number) => void;
}

/**
 * Perplexity by the reference formula: exp of the mean cross-entropy over all tokens (not over rows), each predicted
 * from the tokens before it in its row. Rows of like length are computed together; padding changes nothing.
 *
 * @throws {DataError} where no row has a second token; {DeviceError} where a batch is too large for the device;
 * {LapidaryError} where a loss is not finite
 */
export async function measurePerplexity(
  engine: Engine,
  model: Gemma3,
  rows: readonly Row[],
  options: PerplexityOptions,
): Promise<Perplexity> {
  if (rows.every((row) => row.length < 2)) {
    throw new DataError(
      "Cannot measure perplexity: no row has a second token to predict; give rows of two tokens or more",
    );
  }
  const buckets = bucketLengths(longestRow(rows));
  const groups = Map.groupBy(rows.keys(), (i) => bucketFor(rows[i]!.length, buckets));
  const batches = [...groups].flatMap(([T, indices]) => {
    const B = Math.min(options.batchSize, indices.length);
    requireRowsFit(
      engine.target,
      model.config,
      { B, T },
      "evaluate.batch_size (--batch-size) or data.max_length (--max-length)",
    );
    return chunk(indices, options.batchSize);
  });
  const scorer = createScorer(engine, model), tokenLosses: Float32Array[] = [];
  let done = 0;
  try {
    for (const indices of batches) {
      options.signal?.throwIfAborted();
      const batch = microBatch(indices.map((i) => rows[i]!), buckets, options.padId),
        losses = await scorer.losses(batch);
      indices.forEach((i, b) =>
        tokenLosses[i] = losses.slice(b * batch.T, b * batch.T + Math.max(0, rows[i]!.length - 1))
      );
      options.onRows?.(done += indices.length, rows.length);
    }
  } finally {
    scorer.close();
  }
  const tokens = tokenLosses.reduce((sum, losses) => sum + losses.length, 0);
  const total = tokenLosses.reduce((sum, losses) => losses.reduce((s, loss) => s + loss, sum), 0);
  if (!Number.isFinite(total)) {
    const row = tokenLosses.findIndex((losses) => losses.some((loss) => !Number.isFinite(loss)));
    throw new LapidaryError(
      `Cannot measure perplexity: the loss of row ${row} (from 0) is not finite; look for damaged weights`,
    );
  }
  return { perplexity: Math.exp(total / tokens), crossEntropy: total / tokens, tokens, tokenLosses };
}
