import { type Limits, PRODUCT_STEPS, sizeFor } from "./limits.ts";
import type { Sequence } from "./request.ts";

/** Which sequences are computed together, and in what order. */
export interface Plan {
  /** Indices of the sequences in the order of their ids, so that neighbours begin alike. */
  readonly order: readonly number[];
  /** Tokens that each shares with the one before it in the order. */
  readonly shared: readonly number[];
  /** Stretches of `order`, each computed at once. */
  readonly batches: readonly Batch[];
  /** T, the queries of a stretch of attention. */
  readonly stretch: number;
}

/** Places `start` to `end` of the order. */
export interface Batch {
  readonly start: number;
  readonly end: number;
}

/**
 * Puts sequences in the order of their ids and cuts the order into batches. In a batch each sequence adds only those tokens
 * that it does not share with its predecessor, which is all that it shares with any before it.
 */
export function planBatches(sequences: readonly Sequence[], limits: Limits): Plan {
  const order = [...sequences.keys()].sort((a, b) => compare(sequences[a]!.ids, sequences[b]!.ids));
  const lengths = order.map((i) => sequences[i]!.ids.length);
  const shared = order.map((i, at) =>
    at === 0 ? 0 : sharedTokens(sequences[order[at - 1]!]!.ids, sequences[i]!.ids)
  );
  const stretch = stretchFor(lengths, shared, limits), batches: Batch[] = [];
  for (let start = 0; start < order.length;) {
    const end = endOfBatch(start, lengths, shared, stretch, limits);
    batches.push({ start, end });
    start = end;
  }
  return { order, shared, batches, stretch };
}

function compare(a: readonly number[], b: readonly number[]): number {
  const first = sharedTokens(a, b);
  return (a[first] ?? -1) - (b[first] ?? -1);
}

function sharedTokens(a: readonly number[], b: readonly number[]): number {
  let count = 0;
  while (count < a.length && a[count] === b[count]) count++;
  return count;
}

/** What a stretch costs beside its queries, in queries: a copy of its keys. */
const KEYS_COST = 8;

/** The length of stretches that wastes least, as all have one and few runs of tokens fill theirs; longer where keys need it. */
function stretchFor(lengths: readonly number[], shared: readonly number[], limits: Limits): number {
  const lengthAt = Array.from({ length: 5 }, (_, i) => 4 << i);
  const cost = (T: number) =>
    lengths.reduce((sum, length, i) => sum + Math.ceil((length - shared[i]!) / T) * (T + KEYS_COST), 0);
  let stretch = lengthAt.reduce((best, T) => cost(T) < cost(best) ? T : best);
  const longest = lengths.reduce((most, length) => Math.max(most, length), 1);
  while (sizeFor(Math.ceil(longest / stretch)) * sizeFor(longest) > limits.keys) stretch *= 2;
  return stretch;
}

/**
 * Where a batch that starts at a place of the order ends: of the ends that fill at least half of what fits, the one that
 * wastes the smallest share, be it on columns that stay empty or on a beginning that the next batch computes again.
 */
function endOfBatch(
  start: number,
  lengths: readonly number[],
  shared: readonly number[],
  stretch: number,
  limits: Limits,
): number {
  const ends: { end: number; columns: number; waste: number }[] = [];
  let columns = 0, stretches = 0, longest = 0;
  for (let i = start; i < lengths.length; i++) {
    const fresh = lengths[i]! - (i === start ? 0 : shared[i]!);
    columns += fresh;
    stretches += Math.ceil(fresh / stretch);
    longest = Math.max(longest, lengths[i]!);
    const N = sizeFor(columns, PRODUCT_STEPS), A = sizeFor(stretches);
    const fits = N <= limits.columns && A * stretch <= limits.queries &&
      A * sizeFor(longest) <= limits.keys;
    if (!fits && i > start) {
      const whole = ends.filter((end) => 2 * end.columns >= ends.at(-1)!.columns);
      return whole.reduce((best, end) => end.waste <= best.waste ? end : best).end;
    }
    const again = shared[i + 1] ?? 0;
    ends.push({ end: i + 1, columns, waste: (N - columns + again) / columns });
  }
  return lengths.length;
}
