import { apply } from "../../autograd/apply.ts";
import type { Attributes, Op } from "../../autograd/op.ts";
import { kernel } from "../../compiler/kernel.ts";
import { ShapeError } from "../../core/errors.ts";
import { axis, elementCount, formatShape } from "../../core/shape.ts";
import { dispatch, temporary } from "../../program/record.ts";
import type { Tensor } from "../../program/tensor.ts";
import source from "./rope.wgsl" with { type: "text" };

function turn(op: string, [x, cosine, sine, positions]: readonly Tensor[], sign: 1 | -1): Tensor {
  const half = axis(x!.shape, -1) / 2,
    [H, T] = [axis(x!.shape, -2), axis(x!.shape, -3)],
    vec4 = half % 4 === 0,
    y = temporary(op, x!.shape);
  dispatch({
    op,
    kernel: kernel("ops/rope/rope.wgsl", source, { elem: vec4 ? "vec4f" : "f32" }),
    tensors: { x: x!, cosine: cosine!, sine: sine!, positions: positions!, y },
    params: { T, H, half: vec4 ? half / 4 : half, sign },
    grid: [Math.ceil(T * H / 8), elementCount(x!.shape.slice(0, -3)), 1],
    flops: 3 * elementCount(x!.shape),
  });
  return y;
}

/** The op, for the registry; use {@link rope}. */
export const ropeOp: Op<Attributes> = {
  name: "rope",
  formula: "y = (x₁ cos - x₂ sin, x₂ cos + x₁ sin), x₁ and x₂ the halves of x",
  forward(inputs) {
    const [x, cosine, , positions] = inputs as [Tensor, Tensor, Tensor, Tensor];
    if (axis(x.shape, -1) !== 2 * axis(cosine.shape, -1)) {
      throw new ShapeError(
        "rope",
        `Cannot rope x ${formatShape(x.shape)} with tables ${formatShape(cosine.shape)} ` +
          `as the last axis of x must be twice that of the tables`,
        [x.shape, cosine.shape],
      );
    }
    if (axis(x.shape, -3) !== positions.shape[0]) {
      throw new ShapeError(
        "rope",
        `Cannot rope x ${formatShape(x.shape)} at positions ${formatShape(positions.shape)} ` +
          `as there must be one position for each index of axis ${x.shape.length - 3} of x`,
        [x.shape, positions.shape],
      );
    }
    return { outputs: [turn("rope", inputs, 1)] };
  },
  backward: ({ inputs: [, ...tables], gradients: [dy] }) => [turn("rope.backward", [dy!, ...tables], -1)],
};

/** Rotates every head of x [.., T, H, D] to the given positions [T] (u32); tables [positions, D/2] come from the model's base. */
export function rope(x: Tensor, cosine: Tensor, sine: Tensor, positions: Tensor): Tensor {
  return apply(ropeOp, [x, cosine, sine, positions], {})[0]!;
}
