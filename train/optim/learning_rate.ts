/** How the learning rate goes: a linear warm-up, then constant, or down to zero in a line or a cosine. */
export interface ScheduleConfig {
  readonly lr: number;
  readonly schedule: "constant" | "linear" | "cosine";
  readonly warmupSteps: number;
}

/**
 * Learning rate of a step.
 *
 * @param step counted from 1
 * @param steps of the whole run
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { learningRate } from "./learning_rate.ts";
 * const linear = { lr: 1, schedule: "linear", warmupSteps: 2 } as const;
 * assert.deepEqual([1, 2, 3, 5, 6].map((step) => learningRate(linear, step, 6)), [0.5, 1, 1, 0.5, 0.25]);
 * ```
 */
export function learningRate(
  { lr, schedule, warmupSteps }: ScheduleConfig,
  step: number,
  steps: number,
): number {
  if (step <= warmupSteps) return lr * step / warmupSteps;
  const done = (step - 1 - warmupSteps) / Math.max(1, steps - warmupSteps);
  if (schedule === "constant") return lr;
  return schedule === "linear" ? lr * (1 - done) : lr * (1 + Math.cos(Math.PI * done)) / 2;
}
