import { apply } from "../../autograd/apply.ts";
import { type Attributes, entry, type Op } from "../../autograd/op.ts";
import { kernel } from "../../compiler/kernel.ts";
import { elementCount } from "../../core/shape.ts";
import { dispatch, temporary } from "../../program/record.ts";
import { flatSlices, foldedGrid, part } from "../../program/slices.ts";
import type { Tensor } from "../../program/tensor.ts";
import fill from "./fill.wgsl" with { type: "text" };
import { sumColumns } from "./sum_columns.ts";
import { sumParts } from "./sum_parts.ts";

export { sumColumns } from "./sum_columns.ts";
export { sumParts } from "./sum_parts.ts";

/** `naive` forces the kernel without subgroups, for tests and benchmarks. */
interface SumAttributes extends Attributes {
  readonly naive?: boolean;
}

const op: Op<SumAttributes> = {
  name: "sum",
  formula: "y = Σ_i x[i]",
  forward([x], { naive }) {
    const y = temporary("sum", [1]);
    sumColumns(sumParts([x!], false, naive), y, false);
    return { outputs: [y] };
  },
  backward({ inputs: [x], gradients: [dy] }) {
    const dx = temporary("d sum", x!.shape);
    for (const slice of flatSlices(dx)) {
      const length = slice.end - slice.start, vec4 = length % 4 === 0, count = vec4 ? length / 4 : length;
      dispatch({
        op: "sum.backward",
        kernel: kernel("ops/reduce/fill.wgsl", fill, { elem: vec4 ? "vec4f" : "f32" }),
        tensors: { x: dy!, y: part(dx, slice) },
        params: { count },
        grid: foldedGrid(Math.ceil(count / 64)),
        flops: 0,
      });
    }
    return [dx];
  },
};

/** Σ over all elements, as [1]. */
export const sum = (x: Tensor): Tensor => apply(op, [x], {})[0]!;

/** Registry entry. */
export const sumEntry = entry(
  op,
  {
    forward: (
      [x],
    ) => [{ shape: [1], data: Float64Array.of(x!.data.reduce((total, value) => total + value, 0)) }],
    backward: (
      [x],
      _,
      [dy],
    ) => [{ shape: x!.shape, data: new Float64Array(elementCount(x!.shape)).fill(dy!.data[0]!) }],
  },
  [[5], [3, 77], [2, 150], [70000]].flatMap((shape) =>
    [false, true].map((naive) => ({
      name: `[${shape}]${naive ? " naive" : ""}`,
      inputs: [{ shape, range: [-1, 1] as const }],
      attributes: { naive },
    }))
  ),
);
