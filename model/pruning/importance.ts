import { type Engine, UsageError } from "../../engine/mod.ts";
import type { Gemma3 } from "../gemma3/mod.ts";
import type { ImportanceBatch } from "./batch.ts";
import { openProbe } from "./block_products.ts";
import { createScore, type ImportanceMethod } from "./definitions.ts";
import { ascending } from "./select.ts";

/** How much each block matters. */
export interface Importance {
  readonly method: ImportanceMethod;
  /** One a block; near 0 where a block changes little. */
  readonly scores: number[];
  /** Blocks from the least to the most important; of equals, the first comes first. */
  readonly order: number[];
}

/** What has been measured so far. */
export interface ImportanceProgress {
  readonly batches: number;
  /** Tokens, pads not counted. */
  readonly tokens: number;
}

/** Who hears of the measurement, and who may stop it. */
export interface ImportanceOptions {
  readonly onProgress?: (progress: ImportanceProgress) => void;
  /** Looked at before each batch. */
  readonly signal?: AbortSignal;
}

/**
 * Measures how much each block changes what flows through it, by one of the definitions of {@linkcode ImportanceMethod}.
 * Products are summed in f32 at each token and in f64 beyond. One batch is in flight at a time. A Program is recorded
 * for each shape (B, T), so batches of few shapes are measured faster.
 *
 * @param model loaded for at least T positions
 * @throws {UsageError} when there are no batches.
 * @throws the reason of `signal` once it is aborted.
 */
export async function measureImportance(
  engine: Engine,
  model: Gemma3,
  batches: Iterable<ImportanceBatch> | AsyncIterable<ImportanceBatch>,
  method: ImportanceMethod,
  { onProgress, signal }: ImportanceOptions = {},
): Promise<Importance> {
  const blocks = model.config.layerTypes.map(() => createScore(method));
  const probe = openProbe(engine, model);
  let count = 0, tokens = 0;
  try {
    for await (const batch of batches) {
      signal?.throwIfAborted();
      const products = await probe.run(batch);
      blocks.forEach((score, block) => score.add(batch, products[block]!));
      tokens += batch.lengths.reduce((sum, length) => sum + length, 0);
      count++;
      onProgress?.({ batches: count, tokens });
    }
  } finally {
    probe.release();
  }
  if (count === 0) {
    throw new UsageError(
      "Cannot measure importance: there are no rows to measure it on; give data with at least one",
    );
  }
  const scores = blocks.map((score) => score.value());
  return { method, scores, order: ascending(scores) };
}
