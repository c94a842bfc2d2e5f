import { apply } from "../../autograd/apply.ts";
import type { Op } from "../../autograd/op.ts";
import { kernel } from "../../compiler/kernel.ts";
import { ShapeError } from "../../core/errors.ts";
import { axis, formatShape, rowCount } from "../../core/shape.ts";
import { dispatch, temporary } from "../../program/record.ts";
import { foldedGrid } from "../../program/slices.ts";
import type { Tensor } from "../../program/tensor.ts";
import source from "./rope.wgsl" with { type: "text" };

/** `inner`: rows that share one position before the next begins (1 for [B, H, T, D], H for [B, T, H, D]). */
export interface RopeAttributes extends Record<string, unknown> {
  readonly inner: number;
}

function turn(
  op: string,
  [x, cosine, sine, positions]: readonly Tensor[],
  { inner }: RopeAttributes,
  sign: 1 | -1,
): Tensor {
  const half = axis(x!.shape, -1) / 2, rows = rowCount(x!.shape), y = temporary(op, x!.shape);
  dispatch({
    op,
    kernel: kernel("ops/rope/rope.wgsl", source),
    tensors: { x: x!, cosine: cosine!, sine: sine!, positions: positions!, y },
    params: { rows, half, inner, T: positions!.shape[0]!, sign },
    grid: foldedGrid(Math.ceil(rows * half / 64)),
    flops: 6 * rows * half,
  });
  return y;
}

/** The op, for the registry; use {@link rope}. */
export const ropeOp: Op<RopeAttributes> = {
  name: "rope",
  formula: "y = (x₁ cos - x₂ sin, x₂ cos + x₁ sin), x₁ and x₂ the halves of x",
  forward(inputs, attributes) {
    const [x, cosine] = inputs as [Tensor, Tensor];
    if (axis(x.shape, -1) !== 2 * axis(cosine.shape, -1)) {
      throw new ShapeError(
        "rope",
        `Cannot rope x ${formatShape(x.shape)} with tables ${
          formatShape(cosine.shape)
        } as the last axis of x must be twice that of the tables`,
        [x.shape, cosine.shape],
      );
    }
    return { outputs: [turn("rope", inputs, attributes, 1)] };
  },
  backward: (
    { inputs: [, ...tables], gradients: [dy], attributes },
  ) => [turn("rope.backward", [dy!, ...tables], attributes, -1)],
};

/** Rotates x [B, H, T, D] to the given positions [T] (u32); tables [positions, D/2] come from the model's base. */
export function rope(x: Tensor, cosine: Tensor, sine: Tensor, positions: Tensor): Tensor {
  return apply(ropeOp, [x, cosine, sine, positions], { inner: 1 })[0]!;
}
