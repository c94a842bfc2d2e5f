import { apply } from "../../autograd/apply.ts";
import type { BackwardContext, Op } from "../../autograd/op.ts";
import { axis, rowCount } from "../../core/shape.ts";
import { dispatch, temporary } from "../../program/record.ts";
import type { Tensor } from "../../program/tensor.ts";
import { type RowKernels, rowVariant } from "../row_variant.ts";
import backwardSubgroup from "./backward.wgsl" with { type: "text" };
import backwardNaive from "./backward_naive.wgsl" with { type: "text" };
import forwardSubgroup from "./forward.wgsl" with { type: "text" };
import forwardNaive from "./forward_naive.wgsl" with { type: "text" };

const FORWARD: RowKernels = {
  file: "ops/softmax/forward",
  passes: 3,
  subgroup: forwardSubgroup,
  naive: forwardNaive,
};
const BACKWARD: RowKernels = {
  file: "ops/softmax/backward",
  passes: 2,
  subgroup: backwardSubgroup,
  naive: backwardNaive,
};

/** `naive` forces the naive kernels, for tests and benchmarks. */
export interface SoftmaxAttributes extends Record<string, unknown> {
  readonly naive?: boolean;
}

function backward(
  { outputs: [y], attributes: { naive }, gradients: [dy] }: BackwardContext<SoftmaxAttributes>,
): (Tensor | undefined)[] {
  const columns = axis(y!.shape, -1), rows = rowCount(y!.shape), dx = temporary("d softmax", y!.shape);
  dispatch({
    op: "softmax.backward",
    ...rowVariant(BACKWARD, rows, columns, naive),
    tensors: { y: y!, dy: dy!, dx },
    params: { rows, columns },
    flops: 4 * rows * columns,
  });
  return [dx];
}

/** The op, for the registry; use {@link softmax}. */
export const softmaxOp: Op<SoftmaxAttributes> = {
  name: "softmax",
  formula: "y_c = exp(x_c) / Σ_j exp(x_j)",
  forward([x], { naive }) {
    const columns = axis(x!.shape, -1), rows = rowCount(x!.shape), y = temporary("softmax", x!.shape);
    dispatch({
      op: "softmax",
      ...rowVariant(FORWARD, rows, columns, naive),
      tensors: { x: x!, y },
      params: { rows, columns },
      flops: 5 * rows * columns,
    });
    return { outputs: [y] };
  },
  backward,
};

/** Softmax over the last axis. */
export const softmax = (x: Tensor): Tensor => apply(softmaxOp, [x], {})[0]!;
