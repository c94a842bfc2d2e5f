/** Which positions of a micro-batch the loss looks at: the scored ones alone, in a number of places that few shapes share. */
import { roundUp, UNSCORED } from "../../engine/mod.ts";
import type { MicroBatch } from "./batches.ts";
import type { Row } from "./rows.ts";

/** A dropped position costs nothing, a new shape of a step costs its recording: capacities are eighths of the positions. */
const SHARES = 8;
/** Places start on binding offsets that every adapter accepts. */
const STEP = 64;

/** Scored positions by place and places by position; `UNSCORED` where there is none. */
export interface CompactScored {
  /** Position of each place [M]. */
  readonly positions: Row;
  /** Place of each position [N]. */
  readonly places: Row;
}

/**
 * Gives the scored ones of N positions the first of M places.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { UNSCORED } from "../../engine/mod.ts";
 * import { compactScored } from "./scored.ts";
 *
 * const { positions, places } = compactScored((n) => n !== 1, 3, 4);
 * assert.deepEqual([...positions], [0, 2, UNSCORED, UNSCORED]);
 * assert.deepEqual([...places], [0, UNSCORED, 1]);
 * ```
 */
export function compactScored(scored: (position: number) => boolean, N: number, M: number): CompactScored {
  const positions = new Uint32Array(M).fill(UNSCORED), places = new Uint32Array(N).fill(UNSCORED);
  for (let n = 0, m = 0; n < N; n++) {
    if (!scored(n)) continue;
    positions[m] = n;
    places[n] = m++;
  }
  return { positions, places };
}

/**
 * Places that each micro-batch of a step gets: the smallest share of its positions, the same share for all so that few
 * shapes of a step are ever recorded, that holds its scored tokens. All positions where nearly all are scored.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { scoredCapacities } from "./scored.ts";
 *
 * const of = (tokens: number) => ({ B: 16, T: 128, tokens });
 * assert.deepEqual(scoredCapacities([of(500), of(700)]), [768, 768]);
 * assert.deepEqual(scoredCapacities([of(2032)]), [2048]);
 * ```
 */
export function scoredCapacities(batches: readonly Pick<MicroBatch, "B" | "T" | "tokens">[]): number[] {
  const eighth = ({ B, T }: { B: number; T: number }) => roundUp(B * T / SHARES, STEP);
  const share = Math.max(...batches.map((batch) => Math.ceil(batch.tokens / eighth(batch))));
  return batches.map((batch) => Math.min(batch.B * batch.T, share * eighth(batch)));
}
