/** What a step measures: each leaves a row in a history on the device, and many rows are read at once. */
import { createTensor, dispatch, kernel, LapidaryError, type Tensor } from "../engine/mod.ts";
import { type LossConfig, PARTS } from "./losses/mod.ts";
import source from "./metrics.wgsl" with { type: "text" };

/** Columns of a row: PARTS summed over the step from 0, gradient norm before clipping and clip factor from CLIP. */
export const METRICS = 8, CLIP = PARTS.length;

/** What one step measured. */
export interface StepMetrics {
  /** Counted from 1. */
  readonly step: number;
  readonly lr: number;
  /** Mean cross-entropy in nats a token. */
  readonly crossEntropy: number;
  /** Mean divergence, T² included; 0 without a teacher. */
  readonly distillation: number;
  /** alpha · crossEntropy + beta · distillation. */
  readonly total: number;
  /** L2 norms of the two gradients with respect to the logits, before alpha and beta. */
  readonly logitGradients: { readonly crossEntropy: number; readonly distillation: number };
  /** Global L2 norm of the gradient before clipping. */
  readonly gradientNorm: number;
  /** Scored tokens. */
  readonly tokens: number;
  /** Scored tokens a second, over the steps whose metrics were read together. */
  readonly tokensPerSecond: number;
}

const CURE = "lower train.lr, or look for damaged weights or data";

/** A loss or a gradient is not finite. */
export class NotFinite extends LapidaryError {
  override name = "NotFinite";

  /** The same with the tensor at which it began. */
  at(tensor: string): NotFinite {
    return new NotFinite(this.message.replace(CURE, `the first that is not finite is ${tensor}; ${CURE}`));
  }
}

/** Declares a history of so many steps, f32 [steps, {@link METRICS}]. */
export const declareHistory = (steps: number): Tensor => createTensor("metrics", "output", [steps, METRICS]);

/**
 * Records that a step's losses [4] and clip [2] go to the row of the history that its schedule names. Where one is not
 * finite, the clip factor becomes -1 from this step on, at which the optimizer updates nothing.
 */
export function keepMetrics(history: Tensor, losses: Tensor, clip: Tensor, schedule: Tensor): void {
  dispatch({
    op: "metrics",
    kernel: kernel("train/metrics.wgsl", source),
    tensors: { losses, clip, schedule, history },
    grid: [1, 1, 1],
    flops: 0,
  });
}

/**
 * A row of the history as metrics.
 *
 * @throws NotFinite that names the step when a loss or the gradient is not finite
 */
export function metricsOf(
  row: Float32Array,
  loss: LossConfig,
  at: Pick<StepMetrics, "step" | "lr" | "tokens" | "tokensPerSecond">,
): StepMetrics {
  const [crossEntropy, distillation, ceSquares, kdSquares] = row as unknown as [
    number,
    number,
    number,
    number,
  ];
  const gradientNorm = row[CLIP]!;
  const measured = {
    "cross-entropy": crossEntropy,
    "distillation loss": distillation,
    "gradient norm": gradientNorm,
  };
  for (const [name, value] of Object.entries(measured)) {
    if (!Number.isFinite(value)) {
      throw new NotFinite(`Cannot go on training as the ${name} is ${value} at step ${at.step}; ${CURE}`);
    }
  }
  return {
    ...at,
    crossEntropy,
    distillation,
    total: loss.alpha * crossEntropy + loss.beta * distillation,
    logitGradients: { crossEntropy: Math.sqrt(ceSquares), distillation: Math.sqrt(kdSquares) },
    gradientNorm,
  };
}
