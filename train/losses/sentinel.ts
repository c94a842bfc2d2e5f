import { type LossConfig, needsTeacher } from "./kinds.ts";

/** L2 norms of one step's gradients with respect to the logits, before `alpha` and `beta` (roots of PARTS 2 and 3). */
export interface LogitGradients {
  readonly crossEntropy: number;
  readonly distillation: number;
}

/** Share of the other loss's gradient below which one has none: above float32's rounding, far below any that teaches. */
const NO_GRADIENT = 1e-6;

/**
 * Names every loss that is counted and teaches nothing: its weight is above 0 and its gradient is zero, or below a
 * millionth of the other's. The notebooks behind the published model trained with such a loss; see README.md.
 *
 * @param steps gradients of the first steps
 * @returns a sentence for each such loss, to be shown
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { zeroGradientWarnings } from "./sentinel.ts";
 *
 * const loss = { kind: "forward_kl", alpha: 0.5, beta: 0.5, temperature: 2, skew: 0 } as const;
 * assert.deepEqual(zeroGradientWarnings([{ crossEntropy: 1, distillation: 0.1 }], loss), []);
 * assert.equal(zeroGradientWarnings([{ crossEntropy: 1, distillation: 1e-8 }], loss).length, 1);
 * ```
 */
export function zeroGradientWarnings(steps: readonly LogitGradients[], loss: LossConfig): string[] {
  if (steps.length === 0) return [];
  const crossEntropy = {
    name: "cross_entropy",
    weight: loss.alpha,
    norm: Math.hypot(...steps.map((step) => step.crossEntropy)),
    cure: "set loss.alpha=0 if that is meant",
  };
  const distillation = {
    name: loss.kind,
    weight: needsTeacher(loss) ? loss.beta : 0,
    norm: Math.hypot(...steps.map((step) => step.distillation)),
    cure: "choose another loss.kind or loss.skew, or set loss.beta=0 if that is meant",
  };
  const pairs = [[crossEntropy, distillation], [distillation, crossEntropy]] as const;
  return pairs.flatMap(([{ name, weight, norm, cure }, other]) => {
    if (weight === 0 || norm > NO_GRADIENT * other.norm) return [];
    const share = norm === 0
      ? "exactly 0"
      : `${(norm / other.norm).toExponential(1)} of that of ${other.name}`;
    const span = steps.length === 1 ? "the first step" : `the first ${steps.length} steps`;
    return [
      `The loss ${name} counts with weight ${weight} but its gradient is ${share} in ${span}, so it teaches nothing; ${cure}`,
    ];
  });
}
