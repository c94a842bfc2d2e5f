/** Rows into rectangles of ids: right-padded with targets for training, padded on either side with a mask for importance. */
import { UNSCORED } from "../../engine/mod.ts";
import type { Row } from "./rows.ts";

/** B rows of T tokens, padded on the right; position (b, t) stands at b T + t. */
export interface MicroBatch {
  /** Token ids [B * T]. */
  readonly ids: Row;
  /** The next token of each position, or `UNSCORED` [B * T]. */
  readonly targets: Row;
  /** Number of scored targets. */
  readonly tokens: number;
  /** Tokens of each row, pads not counted [B]. */
  readonly lengths: Row;
  readonly B: number;
  readonly T: number;
  /** Pads before each row's first token [B]; none where missing. */
  readonly first?: readonly number[];
  /** Which rows these are [B], for who keeps something of each row from epoch to epoch. */
  readonly rowIds?: readonly number[];
}

/** B rows of T tokens with pads on one side. */
export interface PaddedBatch {
  /** Token ids [B * T]. */
  readonly ids: Row;
  /** 1 for a token, 0 for a pad [B * T]. */
  readonly mask: Row;
  /** Tokens of each row, pads not counted [B]. */
  readonly lengths: Row;
  readonly B: number;
  readonly T: number;
}

/**
 * The lengths that batches are padded to, so that few shapes of a step are ever compiled: multiples of `multiple` and
 * `maxLength` itself.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { bucketLengths } from "./batches.ts";
 *
 * assert.deepEqual(bucketLengths(100, 32), [32, 64, 96, 100]);
 * ```
 */
export function bucketLengths(maxLength: number, multiple = 32): number[] {
  const whole = Array.from({ length: Math.floor(maxLength / multiple) }, (_, i) => (i + 1) * multiple);
  return maxLength % multiple === 0 ? whole : [...whole, maxLength];
}

/** The smallest bucket that holds `length` tokens. @throws RangeError where none does */
export function bucketFor(length: number, buckets: readonly number[]): number {
  const bucket = buckets.find((size) => size >= length);
  if (bucket === undefined) {
    throw new RangeError(`A row of ${length} tokens fits no bucket of ${buckets.join(", ")}`);
  }
  return bucket;
}

/**
 * A micro-batch of rows, padded to the smallest bucket that holds the longest.
 *
 * @param buckets lengths in increasing order, as `bucketLengths` gives them
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { UNSCORED } from "../../engine/mod.ts";
 * import { microBatch } from "./batches.ts";
 *
 * const { ids, targets, tokens } = microBatch([Uint32Array.of(2, 5, 6), Uint32Array.of(2, 7)], [4], 0);
 * assert.deepEqual([...ids], [2, 5, 6, 0, 2, 7, 0, 0]);
 * assert.deepEqual([...targets.subarray(0, 3)], [5, 6, UNSCORED]);
 * assert.equal(tokens, 3);
 * ```
 */
export function microBatch(rows: readonly Row[], buckets: readonly number[], padId: number): MicroBatch {
  const T = bucketFor(longest(rows), buckets);
  const B = rows.length;
  const ids = new Uint32Array(B * T).fill(padId);
  const targets = new Uint32Array(B * T).fill(UNSCORED);
  for (const [b, row] of rows.entries()) {
    ids.set(row, b * T);
    targets.set(row.subarray(1), b * T);
  }
  const tokens = rows.reduce((sum, row) => sum + Math.max(0, row.length - 1), 0);
  return { ids, targets, tokens, lengths: lengthsOf(rows), B, T };
}

/** A batch padded to `length` tokens (its longest row where missing) on one side. */
export function paddedBatch(
  rows: readonly Row[],
  options: { side: "left" | "right"; padId: number; length?: number },
): PaddedBatch {
  const T = options.length ?? longest(rows);
  const B = rows.length;
  const ids = new Uint32Array(B * T).fill(options.padId);
  const mask = new Uint32Array(B * T);
  for (const [b, row] of rows.entries()) {
    const start = b * T + (options.side === "left" ? T - row.length : 0);
    ids.set(row, start);
    mask.fill(1, start, start + row.length);
  }
  return { ids, mask, lengths: lengthsOf(rows), B, T };
}

/**
 * A micro-batch as the first published notebooks make it: padded on the left to `length`, every pad predicted like a word.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { UNSCORED } from "../../engine/mod.ts";
 * import { predictedPads } from "./batches.ts";
 *
 * const { ids, targets, tokens, first } = predictedPads([Uint32Array.of(2, 5)], 4, 0);
 * assert.deepEqual([...ids], [0, 0, 2, 5]);
 * assert.deepEqual([...targets], [0, 2, 5, UNSCORED]);
 * assert.deepEqual([tokens, first], [3, [2]]);
 * ```
 */
export function predictedPads(rows: readonly Row[], length: number, padId: number): MicroBatch {
  const { ids, lengths, B, T } = paddedBatch(rows, { side: "left", padId, length });
  const targets = ids.map((_, n) => (n + 1) % T === 0 ? UNSCORED : ids[n + 1]!);
  return { ids, targets, tokens: B * (T - 1), lengths, B, T, first: rows.map((row) => T - row.length) };
}

/** The micro-batches of a training: with pads that are predicted where `padding` is left, else without. */
export function batcher(
  rows: readonly Row[],
  padId: number,
  { padding, maxLength }: { readonly padding: "none" | "left"; readonly maxLength: number },
): (indices: readonly number[]) => MicroBatch {
  const buckets = bucketLengths(longestRow(rows));
  return (indices) => {
    const own = indices.map((i) => rows[i]!);
    const batch = padding === "left" ? predictedPads(own, maxLength, padId) : microBatch(own, buckets, padId);
    return { ...batch, rowIds: indices };
  };
}

/** Consecutive groups of `size` items; the last may be shorter. */
export function chunk<T>(items: readonly T[], size: number): T[][] {
  return Array.from(
    { length: Math.ceil(items.length / size) },
    (_, i) => items.slice(i * size, (i + 1) * size),
  );
}

/** Tokens of the longest row, at least 1. */
export function longestRow(rows: readonly Row[]): number {
  return Math.max(1, longest(rows));
}

function longest(rows: readonly Row[]): number {
  return rows.reduce((length, row) => Math.max(length, row.length), 0);
}

function lengthsOf(rows: readonly Row[]): Row {
  return Uint32Array.from(rows, (row) => row.length);
}
