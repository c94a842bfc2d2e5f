/** What a training knows beside its tensors. */
import type { StepMetrics } from "../metrics.ts";

/**
 * Where a training stands, all on the host. Which rows come next follows from `steps`, since the order of an epoch depends
 * on the seed and the epoch alone: no random state beyond these two exists.
 */
export interface Progress {
  /** Optimizer steps done. */
  readonly steps: number;
  /** Step of the last look at held-out rows; 0 before the first. */
  readonly validated: number;
  /** Scored tokens so far. */
  readonly tokens: number;
  readonly seconds: number;
  /** Device bytes of the largest step so far, by its plan. */
  readonly memoryBytes: number;
  /** `total` of the steps of the present epoch. */
  readonly epochLosses: readonly number[];
  /** Metrics of the first steps, which are looked at for losses that teach nothing. */
  readonly watched: readonly StepMetrics[];
  readonly last: StepMetrics | undefined;
}

/** Before the first step. */
export const BEGINNING: Progress = {
  ...{ steps: 0, validated: 0, tokens: 0, seconds: 0, memoryBytes: 0 },
  ...{ epochLosses: [], watched: [], last: undefined },
};

/** What the caller of a training keeps with its checkpoints. */
export interface Attached {
  /** The log so far, whole. */
  readonly log: string;
  /** What was warned of so far. */
  readonly warnings: readonly string[];
}
