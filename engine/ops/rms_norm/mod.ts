import { apply } from "../../autograd/apply.ts";
import type { BackwardContext, Op } from "../../autograd/op.ts";
import { kernel } from "../../compiler/kernel.ts";
import { ShapeError } from "../../core/errors.ts";
import { axis, formatShape, rowCount } from "../../core/shape.ts";
import { dispatch, temporary } from "../../program/record.ts";
import type { Tensor } from "../../program/tensor.ts";
import { sumColumns } from "../reduce/mod.ts";
import { type RowKernels, rowVariant } from "../row_variant.ts";
import backwardSubgroup from "./backward.wgsl" with { type: "text" };
import backwardNaive from "./backward_naive.wgsl" with { type: "text" };
import forwardSubgroup from "./forward.wgsl" with { type: "text" };
import forwardNaive from "./forward_naive.wgsl" with { type: "text" };
import weightGradient from "./weight_gradient.wgsl" with { type: "text" };

const FORWARD: RowKernels = {
  file: "ops/rms_norm/forward",
  passes: 2,
  subgroup: forwardSubgroup,
  naive: forwardNaive,
};
const BACKWARD: RowKernels = {
  file: "ops/rms_norm/backward",
  passes: 2,
  subgroup: backwardSubgroup,
  naive: backwardNaive,
};
const ROWS_PER_PART = 64;

/** `naive` forces the naive kernels, for tests and benchmarks. */
export interface RmsNormAttributes extends Record<string, unknown> {
  readonly eps: number;
  readonly naive?: boolean;
}

function backward(
  { inputs: [x, w], saved: [rstd], attributes, gradients: [dy], needs, destination }: BackwardContext<
    RmsNormAttributes
  >,
) {
  const columns = axis(x!.shape, -1), rows = rowCount(x!.shape);
  let dx: Tensor | undefined, dw: Tensor | undefined;
  if (needs(0)) {
    dx = temporary("d rms_norm", x!.shape);
    dispatch({
      op: "rms_norm.backward",
      ...rowVariant(BACKWARD, rows, columns, attributes.naive),
      tensors: { x: x!, w: w!, dy: dy!, rstd: rstd!, dx },
      params: { rows, columns },
      flops: 8 * rows * columns,
    });
  }
  if (needs(1)) {
    const parts = temporary("d w parts", [Math.ceil(rows / ROWS_PER_PART), columns]);
    dispatch({
      op: "rms_norm.backward",
      kernel: kernel("ops/rms_norm/weight_gradient.wgsl", weightGradient, { ROWS_PER_PART }),
      tensors: { x: x!, dy: dy!, rstd: rstd!, parts },
      params: { rows, columns },
      grid: [Math.ceil(columns / 64), parts.shape[0]!, 1],
      flops: 3 * rows * columns,
    });
    const { tensor, accumulate } = destination(1);
    sumColumns(parts, tensor, accumulate);
    dw = tensor;
  }
  return [dx, dw];
}

/** The op, for the registry; use {@link rmsNorm}. */
export const rmsNormOp: Op<RmsNormAttributes> = {
  name: "rms_norm",
  formula: "y = x (1 + w) / √(mean(x²) + eps)",
  forward([x, w], { eps, naive }) {
    const columns = axis(x!.shape, -1), rows = rowCount(x!.shape);
    if (w!.shape.length !== 1 || w!.shape[0] !== columns) {
      throw new ShapeError(
        "rms_norm",
        `Cannot rms_norm x ${formatShape(x!.shape)} with w ${
          formatShape(w!.shape)
        } as w must have the last axis of x: [${columns}]`,
        [x!.shape, w!.shape],
      );
    }
    const y = temporary("rms_norm", x!.shape), rstd = temporary("rstd", [rows]);
    dispatch({
      op: "rms_norm",
      ...rowVariant(FORWARD, rows, columns, naive),
      tensors: { x: x!, w: w!, y, rstd },
      params: { rows, columns, eps },
      flops: 4 * rows * columns,
    });
    return { outputs: [y], saved: [rstd] };
  },
  backward,
};

/**
 * Gemma's RMSNorm over the last axis: weights are stored zero-centred, so the scale is 1 + w
 * (transformers, models/gemma3/modeling_gemma3.py). x [.., C], w [C].
 */
export function rmsNorm(x: Tensor, w: Tensor, eps: number): Tensor {
  return apply(rmsNormOp, [x, w], { eps })[0]!;
}
