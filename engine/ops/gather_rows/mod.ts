import { apply } from "../../autograd/apply.ts";
import { type Attributes, entry, type Op } from "../../autograd/op.ts";
import { kernel } from "../../compiler/kernel.ts";
import { dispatch, temporary } from "../../program/record.ts";
import { foldedGrid } from "../../program/slices.ts";
import type { Tensor } from "../../program/tensor.ts";
import source from "./gather_rows.wgsl" with { type: "text" };

const op: Op<Attributes> = {
  name: "gather_rows",
  formula: "y[m] = x[index[m]], 0 where index[m] ≥ N",
  forward([x, index]) {
    const [N, C] = x!.shape as [number, number], M = index!.shape[0]!, y = temporary("gather_rows", [M, C]);
    const width = C % 4 === 0 ? 4 : 1, columns = C / width;
    dispatch({
      op: "gather_rows",
      kernel: kernel("ops/gather_rows/gather_rows.wgsl", source, { elem: width === 4 ? "vec4f" : "f32" }),
      tensors: { x: x!, index: index!, y },
      params: { M, N, columns },
      grid: foldedGrid(Math.ceil(M * columns / 64)),
      flops: 0,
    });
    return { outputs: [y] };
  },
  backward: "not differentiable",
};

/**
 * Rows of x [N, C] by index u32 [M]: result [M, C], zero where an index is no row of x.
 *
 * Its gradient is another gather, by the inverse index, which nobody can tell from the index alone: who gathers rows and
 * wants gradients gathers these back.
 */
export function gatherRows(x: Tensor, index: Tensor): Tensor {
  return apply(op, [x, index], {})[0]!;
}

/** Registry entry; ids of the cases reach past the end of x. */
export const gatherRowsEntry = entry(
  op,
  {
    forward([x, index]) {
      const [N, C] = x!.shape as [number, number], data = new Float64Array(index!.data.length * C);
      index!.data.forEach((n, m) => {
        if (n < N) data.set(x!.data.subarray(n * C, (n + 1) * C), m * C);
      });
      return [{ shape: [index!.data.length, C], data }];
    },
  },
  [{ N: 5, C: 7, M: 9 }, { N: 11, C: 12, M: 3 }].map(({ N, C, M }) => ({
    name: `${M} rows of [${N}, ${C}]`,
    inputs: [{ shape: [N, C], range: [-1, 1] as const }, { shape: [M], below: 2 * N }],
    attributes: {},
  })),
);
