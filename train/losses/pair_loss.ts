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

/**
 * Logits [N, V] of student and teacher (none where {@link needsTeacher} is false), targets u32 [N], weights [N] (0 where a
 * row is not scored).
 */
export interface Pair {
  readonly student: Tensor;
  readonly teacher?: Tensor | undefined;
  readonly targets: Tensor;
  readonly weights: Tensor;
}

/** How {@link pairLoss} runs. */
export interface PairOptions {
  /** Columns of a panel where the logits do not stand row by row: see pair_loss.wgsl. */
  readonly panel?: number;
  /** Takes the naive kernel, in tests. */
  readonly naive?: boolean | undefined;
}

/**
 * Records the losses of all rows in one dispatch; their gradient with respect to the student's logits takes the place of
 * these logits.
 *
 * @returns parts [N, 4], columns as in {@link PARTS}
 */
export function pairLoss(pair: Pair, loss: LossConfig, { panel, naive }: PairOptions = {}): Tensor {
  const [rows, columns] = pair.student.shape as [number, number];
  const parts = temporary("loss parts", [rows, PARTS.length]);
  const KIND = pair.teacher ? KINDS.indexOf(effectiveKind(loss)) : 0;
  // Cross-entropy alone knows no temperature: at 1 the kernel's two softmaxes are one.
  const temperature = KIND === 0 ? 1 : loss.temperature;
  dispatch({
    op: "pair_loss",
    ...rowVariant(KERNELS, rows, columns, naive, (vec4) => ({
      both: { KIND },
      subgroup: {
        POWER: temperature === 1 || temperature === 2 ? temperature : 0,
        ...(!vec4 && { index: "u32", OFFSETS: "0u" }),
      },
    })),
    tensors: { ...pair, teacher: pair.teacher ?? pair.weights, parts }, // what is not read needs a binding all the same
    params: {
      rows,
      columns,
      panel: panel ?? columns,
      alpha: loss.alpha,
      beta: loss.beta,
      temperature,
      skew: loss.skew,
    },
    flops: 30 * rows * columns,
  });
  return parts;
}
