/** Share of a training's time that checkpoints may take where time says when they are due. */
const SHARE = 0.02;
/** Least seconds between two of them. */
const LEAST_SECONDS = 30;
/** Bytes that a disk is thought to write in a second until the first checkpoint was timed. */
const WRITTEN_PER_SECOND = 200e6;

/** When checkpoints are due. */
export interface Cadence {
  /** Whether one is due after a step. */
  due(step: number): boolean;
  /** Tells that one was written, and how long that took. */
  wrote(seconds: number): void;
}

/**
 * Checkpoints every so many steps, or by time: so seldom that they take a fiftieth of it, and no oftener than every half a
 * minute. A checkpoint of 3 GB is due after 12 minutes, later after 50 times what it took.
 *
 * @param every optimizer steps between two; null goes by time
 * @param now a clock in seconds
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createCadence } from "./cadence.ts";
 * let now = 0;
 * const byTime = createCadence(null, 10e6, () => now);
 * assert.ok(!byTime.due(1));
 * now = 31;
 * assert.ok(byTime.due(2));
 * byTime.wrote(2);
 * now = 100;
 * assert.ok(!byTime.due(3)); // 2 s are a fiftieth of 100 s
 * assert.ok(createCadence(4, 10e6, () => now).due(8));
 * ```
 */
export function createCadence(every: number | null, bytes: number, now: () => number): Cadence {
  let last = now(), cost = bytes / WRITTEN_PER_SECOND;
  return {
    due: (step) =>
      every !== null ? step % every === 0 : now() - last >= Math.max(LEAST_SECONDS, cost / SHARE),
    wrote(seconds) {
      [last, cost] = [now(), seconds];
    },
  };
}
