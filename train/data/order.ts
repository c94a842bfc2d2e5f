/** Which rows make up which optimizer step. */
import { createRandom } from "../../engine/mod.ts";
import { chunk } from "./batches.ts";

/** Streams of the root seed; a stream of its own for every epoch begins here. */
const EPOCH_STREAM = 0x45504f00;

/** How an epoch runs through the rows. */
export interface OrderOptions {
  /** Shuffled anew in every epoch, or as the rows stand. */
  readonly order: "seeded" | "sequential";
  readonly seed: number;
  /** Rows computed at once. */
  readonly microBatch: number;
  /** Micro-batches in a step. */
  readonly accumulation: number;
  /** What a short last step is divided by: its own number of micro-batches, or `accumulation`. */
  readonly remainder?: "own" | "accumulation";
}

/** The rows of one optimizer step. */
export interface StepRows {
  /** Counted from 0. */
  readonly epoch: number;
  /** Indices of rows, by micro-batch. */
  readonly microBatches: readonly (readonly number[])[];
  /** Divisor of the sum of micro-batch means, where each is normalised by its own tokens. */
  readonly divisor: number;
}

/** The order of `n` rows in an epoch: it depends on seed and epoch alone. */
export function epochOrder(
  n: number,
  epoch: number,
  options: Pick<OrderOptions, "order" | "seed">,
): number[] {
  const rows = Array.from({ length: n }, (_, i) => i);
  return options.order === "sequential"
    ? rows
    : createRandom(options.seed, EPOCH_STREAM + epoch).shuffle(rows);
}

/**
 * The steps of an epoch. Where the rows do not fill the last one it has fewer micro-batches (or a smaller last one);
 * nothing is carried into the next epoch.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { epochSteps } from "./order.ts";
 *
 * const steps = epochSteps(5, 0, { order: "sequential", seed: 1, microBatch: 2, accumulation: 2 });
 * assert.deepEqual(steps.map((step) => step.microBatches), [[[0, 1], [2, 3]], [[4]]]);
 * assert.deepEqual(steps.map((step) => step.divisor), [2, 1]);
 * ```
 */
export function epochSteps(n: number, epoch: number, options: OrderOptions): StepRows[] {
  const { microBatch, accumulation, remainder = "own" } = options;
  const microBatches = chunk(epochOrder(n, epoch, options), microBatch);
  return chunk(microBatches, accumulation).map((group) => ({
    epoch,
    microBatches: group,
    divisor: remainder === "own" ? group.length : accumulation,
  }));
}

/** Optimizer steps of a whole run: of `epochs` passes over `n` rows, but no more than `maxSteps`. */
export function countSteps(
  n: number,
  options: { microBatch: number; accumulation: number; epochs: number; maxSteps: number | null },
): number {
  const perEpoch = Math.ceil(Math.ceil(n / options.microBatch) / options.accumulation);
  return Math.min(options.epochs * perEpoch, options.maxSteps ?? Infinity);
}
