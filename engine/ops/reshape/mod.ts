import { apply } from "../../autograd/apply.ts";
import { entry, type Op } from "../../autograd/op.ts";
import { ShapeError } from "../../core/errors.ts";
import { elementCount, formatShape, type Shape } from "../../core/shape.ts";
import type { Tensor } from "../../program/tensor.ts";

interface ReshapeAttributes extends Record<string, unknown> {
  readonly shape: Shape;
}

const view = (x: Tensor, shape: Shape): Tensor => ({ ...x, shape, differentiable: false });

const op: Op<ReshapeAttributes> = {
  name: "reshape",
  formula: "y = x, seen with other axes; nothing moves",
  forward([x], { shape }) {
    if (elementCount(x!.shape) !== elementCount(shape)) {
      throw new ShapeError(
        "reshape",
        `Cannot reshape ${formatShape(x!.shape)} to ${formatShape(shape)} as ${
          elementCount(x!.shape)
        } elements are not ${elementCount(shape)}`,
        [x!.shape, shape],
      );
    }
    return { outputs: [view(x!, shape)] };
  },
  backward: ({ inputs: [x], gradients: [dy] }) => [view(dy!, x!.shape)],
};

/** The same elements with other axes; no data moves. */
export const reshape = (x: Tensor, shape: Shape): Tensor => apply(op, [x], { shape })[0]!;

/** Registry entry. */
export const reshapeEntry = entry(
  op,
  {
    forward: ([x], { shape }) => [{ shape, data: x!.data }],
    backward: ([x], _, [dy]) => [{ shape: x!.shape, data: dy!.data }],
  },
  [
    { name: "[6, 4] to [3, 8]", inputs: [{ shape: [6, 4] }], attributes: { shape: [3, 8] } },
    { name: "[3, 5] to [15]", inputs: [{ shape: [3, 5] }], attributes: { shape: [15] } },
  ],
);
