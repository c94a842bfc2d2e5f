import { apply } from "../../autograd/apply.ts";
import { type Attributes, entry, type Op, type Values } from "../../autograd/op.ts";
import { kernel } from "../../compiler/kernel.ts";
import { dispatch, temporary } from "../../program/record.ts";
import type { Tensor } from "../../program/tensor.ts";
import { reshape } from "../reshape/mod.ts";
import source from "./swap_axes.wgsl" with { type: "text" };

function swap(op: string, x: Tensor): Tensor {
  const [B, A, C, D] = x.shape as [number, number, number, number];
  const y = temporary(op, [B, C, A, D]), vec4 = D % 4 === 0;
  dispatch({
    op,
    kernel: kernel("ops/swap_axes/swap_axes.wgsl", source, { elem: vec4 ? "vec4f" : "f32" }),
    tensors: { x, y },
    params: { A, C, columns: vec4 ? D / 4 : D },
    grid: [Math.ceil(A / 8), C, B],
    flops: 0,
  });
  return y;
}

const op: Op<Attributes> = {
  name: "swap_axes",
  formula: "y[b, c, a, d] = x[b, a, c, d]",
  forward: ([x]) => ({ outputs: [swap("swap_axes", x!)] }),
  backward: ({ gradients: [dy] }) => [swap("swap_axes.backward", dy!)],
};

/** Swaps the two middle axes of x [B, A, C, D]; nothing moves when one of them is 1. */
export function swapAxes(x: Tensor): Tensor {
  const [B, A, C, D] = x.shape as [number, number, number, number];
  return A === 1 || C === 1 ? reshape(x, [B, C, A, D]) : apply(op, [x], {})[0]!;
}

function reference(x: Values): Values {
  const [B, A, C, D] = x.shape as [number, number, number, number], data = new Float64Array(x.data.length);
  for (let b = 0; b < B; b++) {
    for (let a = 0; a < A; a++) {
      for (let c = 0; c < C; c++) {
        for (let d = 0; d < D; d++) {
          data[((b * C + c) * A + a) * D + d] = x.data[((b * A + a) * C + c) * D + d]!;
        }
      }
    }
  }
  return { shape: [B, C, A, D], data };
}

/** Registry entry. */
export const swapAxesEntry = entry(
  op,
  { forward: ([x]) => [reference(x!)], backward: (_, __, [dy]) => [reference(dy!)] },
  [[2, 3, 5, 7], [1, 6, 4, 8]].map((shape) => ({
    name: `[${shape}]`,
    inputs: [{ shape, range: [-1, 1] as const }],
    attributes: {},
  })),
);
