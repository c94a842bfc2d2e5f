import {
  accumulate,
  apply,
  dispatch,
  elementCount,
  foldedGrid,
  kernel,
  type Op,
  temporary,
  type Tensor,
} from "../../engine/mod.ts";
import type { LossConfig } from "./kinds.ts";
import { type Pair, pairLoss } from "./pair_loss.ts";
import rowTotal from "./row_total.wgsl" with { type: "text" };
import scaleRows from "./scale_rows.wgsl" with { type: "text" };

/** `naive` forces the naive kernel, for tests. */
export interface LossAttributes extends LossConfig, Record<string, unknown> {
  readonly naive?: boolean;
}

/** The op, for the registry; use {@link distillationLoss}. */
export const distillationLossOp: Op<LossAttributes> = {
  name: "distillation_loss",
  formula: "loss[n] = w[n] (alpha CE(z[n], y[n]) + beta T² D(softmax(t[n] / T), softmax(z[n] / T)))",
  forward([student, teacher, targets, weights], loss) {
    const rows = student!.shape[0]!, total = temporary("distillation_loss", [rows]);
    const gradient = temporary("d logits", student!.shape);
    accumulate(gradient, student!, false); // an op leaves its inputs as they are
    const pair = { student: gradient, teacher: teacher!, targets: targets!, weights: weights! };
    const parts = pairLoss(pair, loss, { naive: loss.naive });
    dispatch({
      op: "distillation_loss",
      kernel: kernel("train/losses/row_total.wgsl", rowTotal),
      tensors: { parts, total },
      params: { rows, alpha: loss.alpha, beta: loss.beta },
      grid: foldedGrid(Math.ceil(rows / 64)),
      flops: 3 * rows,
    });
    return { outputs: [total], saved: [gradient] };
  },
  backward({ saved: [gradient], gradients: [dy] }) {
    const [rows, columns] = gradient!.shape as [number, number];
    const y = temporary("d logits", [rows, columns]), count = elementCount(y.shape);
    dispatch({
      op: "distillation_loss.backward",
      kernel: kernel("train/losses/scale_rows.wgsl", scaleRows),
      tensors: { x: gradient!, s: dy!, y },
      params: { count, columns },
      grid: foldedGrid(Math.ceil(count / 64)),
      flops: count,
    });
    return [y, undefined, undefined, undefined]; // the teacher and the weights are constants
  },
};

/**
 * The loss of each row, differentiable in the student's logits [N, V]; result [N], each row times its weight.
 *
 * For logits that fit in memory at once; training takes `vocabularyLoss`, which makes them chunk by chunk.
 */
export function distillationLoss(
  { student, teacher, targets, weights }: Pair & { readonly teacher: Tensor },
  loss: LossConfig,
): Tensor {
  return apply(distillationLossOp, [student, teacher, targets, weights], { ...loss })[0]!;
}
