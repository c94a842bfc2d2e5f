import { dispatch, rowVariant, temporary, type Tensor } from "../../engine/mod.ts";
import { effectiveKind, KINDS, type LossConfig } from "./kinds.ts";
import subgroup from "./pair_loss.wgsl" with { type: "text" };
import naive from "./pair_loss_naive.wgsl" with { type: "text" };
import terms from "./terms.wgsl" with { type: "text" };

/**
 * Columns of `parts`, each row's share by its weight: CE and T² D, and the squared norms of their gradients with respect
 * to the logits; all four before `alpha` and `beta`, so that a gradient of zero shows whatever a loss counts.
 */
export const PARTS = [
  "cross_entropy",
  "distillation",
  "cross_entropy_gradient",
  "distillation_gradient",
] as const;

const KERNELS = {
  file: "train/losses/pair_loss",
  passes: 4,
  subgroup: subgroup + terms,
  naive: naive + terms,
};

/** Logits [N, V] of student and teacher, targets u32 [N], weights [N] (0 where a row is not scored). */
export interface Pair {
  readonly student: Tensor;
  readonly teacher: Tensor;
  readonly targets: Tensor;
  readonly weights: Tensor;
}

/**
 * Records the losses of all rows and their gradient with respect to the student's logits, in one dispatch.
 *
 * @param forceNaive takes the naive kernel, in tests
 * @returns gradient [N, V] and parts [N, 4], columns as in {@link PARTS}
 */
export function pairLoss(
  pair: Pair,
  loss: LossConfig,
  forceNaive = false,
): { gradient: Tensor; parts: Tensor } {
  const [rows, columns] = pair.student.shape as [number, number];
  const gradient = temporary("d logits", [rows, columns]),
    parts = temporary("loss parts", [rows, PARTS.length]);
  const KIND = KINDS.indexOf(effectiveKind(loss));
  dispatch({
    op: "pair_loss",
    ...rowVariant(KERNELS, rows, columns, forceNaive, (vec4) => ({
      both: { KIND },
      subgroup: vec4 ? {} : { index: "u32", OFFSETS: "0u" },
    })),
    tensors: { ...pair, gradient, parts },
    params: {
      rows,
      columns,
      alpha: loss.alpha,
      beta: loss.beta,
      temperature: loss.temperature,
      skew: loss.skew,
    },
    flops: 30 * rows * columns,
  });
  return { gradient, parts };
}
