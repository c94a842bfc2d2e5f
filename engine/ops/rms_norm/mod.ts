import { apply } from "../../autograd/apply.ts";
import type { BackwardContext, Op } from "../../autograd/op.ts";
import { ShapeError } from "../../core/errors.ts";
import { axis, formatShape, rowCount, sameShape } from "../../core/shape.ts";
import { dispatch, temporary } from "../../program/record.ts";
import type { Tensor } from "../../program/tensor.ts";
import { sumColumns } from "../reduce/mod.ts";
import { backwardDispatches, forwardVariant } from "./launch.ts";

/** `naive` forces the naive kernels, for tests and benchmarks. */
export interface RmsNormAttributes extends Record<string, unknown> {
  readonly eps: number;
  readonly naive?: boolean;
}

/** The gradient of the residual is dy itself. */
function backward(
  { inputs: [x, w, residual], saved: [rstd], attributes, gradients: [dy], needs, destination }:
    BackwardContext<RmsNormAttributes>,
) {
  if (!needs(0) && !needs(1)) return [undefined, undefined, dy];
  const dx = needs(0) ? destination(0) : undefined;
  const parts = backwardDispatches({ x: x!, w: w!, dy: dy!, rstd: rstd! }, dx, attributes.naive);
  let dw: Tensor | undefined;
  if (needs(1)) {
    const { tensor, accumulate } = destination(1);
    sumColumns(parts, tensor, accumulate);
    dw = tensor;
  }
  return [dx?.tensor, dw, residual && dy];
}

function check(x: Tensor, w: Tensor, residual: Tensor | undefined): void {
  const columns = axis(x.shape, -1), given = `x ${formatShape(x.shape)}`;
  if (w.shape.length !== 1 || w.shape[0] !== columns) {
    throw new ShapeError(
      "rms_norm",
      `Cannot rms_norm ${given} with w ${
        formatShape(w.shape)
      } as w must have the last axis of x: [${columns}]`,
      [x.shape, w.shape],
    );
  }
  if (residual && !sameShape(residual.shape, x.shape)) {
    throw new ShapeError(
      "rms_norm",
      `Cannot rms_norm ${given} onto residual ${formatShape(residual.shape)} as the shapes must be equal`,
      [x.shape, residual.shape],
    );
  }
}

/** The op, for the registry; use {@link rmsNorm}. Its third input, the residual, may be missing. */
export const rmsNormOp: Op<RmsNormAttributes> = {
  name: "rms_norm",
  formula: "y = residual + x (1 + w) / √(mean(x²) + eps)",
  forward([x, w, residual], { eps, naive }) {
    check(x!, w!, residual);
    const columns = axis(x!.shape, -1), rows = rowCount(x!.shape);
    const y = temporary("rms_norm", x!.shape), rstd = temporary("rstd", [rows]);
    dispatch({
      op: "rms_norm",
      ...forwardVariant(rows, columns, residual !== undefined, naive),
      tensors: { x: x!, w: w!, residual: residual ?? x!, y, rstd },
      params: { rows, columns, eps },
      flops: (residual ? 5 : 4) * rows * columns,
    });
    return { outputs: [y], saved: [rstd] };
  },
  backward,
};

/**
 * Gemma's RMSNorm over the last axis: weights are stored zero-centred, so the scale is 1 + w
 * (transformers, models/gemma3/modeling_gemma3.py). x [.., C], w [C].
 *
 * @param residual [.., C], added to the normed x in the same pass, as Gemma does after attention and MLP
 * @throws {ShapeError} when `w` is not [C] or `residual` not of the shape of `x`
 */
export function rmsNorm(x: Tensor, w: Tensor, eps: number, residual?: Tensor): Tensor {
  return apply(rmsNormOp, residual ? [x, w, residual] : [x, w], { eps })[0]!;
}
