import type { Row } from "../report.ts";

/** The published recipe: 1,600 training rows of 512 tokens, five epochs, micro-batches of 16 rows. */
export const RECIPE = { tokens: 1600 * 512 * 5, microBatch: 16 * 512 } as const;
/** What oopere/gem-3-small's card says its run took, in bf16 on an A100-SXM4-80GB. */
export const REFERENCE_SECONDS = 205.9;

/** How long the whole recipe would take at the speed of a measured step. */
export interface Projection {
  readonly tokensPerSecond: number;
  readonly seconds: number;
  /** Times as long as the reference. */
  readonly ofReference: number;
  /** 10^15 operations of the recipe, as the dispatches of the step count them. */
  readonly petaflop: number;
}

/**
 * Projects the recipe from one step of `tokens` tokens. Each micro-batch is taken as a whole step with its own update,
 * of which the recipe has one in four micro-batches, so the time is rather too long than too short.
 *
 * @returns undefined where the step has no time, as its result was wrong
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { project } from "./projection.ts";
 * const step = { time: { p50: 2000, mad: 0, n: 1, samples: [2000] }, flops: 17.5e12 };
 * assert.equal(project(step, 8192)!.seconds, 1000);
 * ```
 */
export function project(
  { time, flops }: Pick<Row, "time" | "flops">,
  tokens: number,
): Projection | undefined {
  if (!time) return undefined;
  const tokensPerSecond = tokens / time.p50 * 1000, seconds = RECIPE.tokens / tokensPerSecond;
  return {
    tokensPerSecond,
    seconds,
    ofReference: seconds / REFERENCE_SECONDS,
    petaflop: flops * RECIPE.tokens / tokens / 1e15,
  };
}
