import { apply } from "../../autograd/apply.ts";
import { type Attributes, entry, type Op } from "../../autograd/op.ts";
import { kernel } from "../../compiler/kernel.ts";
import { dispatch, target, temporary } from "../../program/record.ts";
import { foldedGrid } from "../../program/slices.ts";
import type { Tensor } from "../../program/tensor.ts";
import gatherSource from "./gather_rows.wgsl" with { type: "text" };
import scatterSource from "./scatter_rows.wgsl" with { type: "text" };

/** Goes through the parts of a tall matrix: rows of each are counted on from those before it. */
function eachPart(
  parts: readonly Tensor[],
  index: Tensor,
  launch: (part: Tensor, params: Record<string, number>, vec4: boolean) => void,
): void {
  const M = index.shape[0]!;
  let first = 0;
  for (const part of parts) {
    const [N, C] = part.shape as [number, number], vec4 = C % 4 === 0, columns = vec4 ? C / 4 : C;
    launch(part, { M, N, first, columns }, vec4);
    first += N;
  }
}

/** Elements that an invocation moves on a software adapter: 2.5 times as fast there as one. */
const MOVED = 4;

const op: Op<Attributes> = {
  name: "gather_rows",
  formula: "y[m] = x[index[m]], 0 where index[m] ≥ N",
  forward([index, ...parts]) {
    const y = temporary("gather_rows", [index!.shape[0]!, parts[0]!.shape[1]!]);
    eachPart(parts, index!, (x, params, vec4) => {
      const EACH = target().software && params.columns! % MOVED === 0 ? MOVED : 1;
      dispatch({
        op: "gather_rows",
        kernel: kernel("ops/gather_rows/gather_rows.wgsl", gatherSource, {
          OTHERS_STAY: params.first! > 0,
          EACH,
          elem: vec4 ? "vec4f" : "f32",
        }),
        tensors: { x, index: index!, y },
        params,
        grid: foldedGrid(Math.ceil(params.M! * params.columns! / EACH / 64)),
        flops: 0,
      });
    });
    return { outputs: [y] };
  },
  backward: "not differentiable",
};

/**
 * Rows of x by index u32 [M]: result [M, C], zero where an index is no row of x.
 *
 * Its gradient is another gather, by the inverse index, which nobody can tell from the index alone: who gathers rows and
 * wants gradients gathers these back.
 *
 * @param x [N, C], or parts [N_i, C] of it where one binding cannot cover it
 */
export function gatherRows(x: Tensor | readonly Tensor[], index: Tensor): Tensor {
  return apply(op, [index, ...[x].flat()], {})[0]!;
}

/**
 * Records x[index[m]] = y[m] for y [M, C], where index[m] is a row of x; rows that no index names stay as they are.
 *
 * @param x [N, C], or parts of it as in {@link gatherRows}
 */
export function scatterRows(y: Tensor, index: Tensor, x: readonly Tensor[]): void {
  eachPart(x, index, (part, params, vec4) =>
    dispatch({
      op: "scatter_rows",
      kernel: kernel("ops/gather_rows/scatter_rows.wgsl", scatterSource, { elem: vec4 ? "vec4f" : "f32" }),
      tensors: { y, index, x: part },
      params,
      grid: foldedGrid(Math.ceil(params.M! * params.columns! / 64)),
      flops: 0,
    }));
}

/** Registry entry; indices of the cases reach past the end of x. */
export const gatherRowsEntry = entry(
  op,
  {
    forward([index, ...parts]) {
      const C = parts[0]!.shape[1]!, data = new Float64Array(index!.data.length * C);
      const rows = parts.flatMap((part) =>
        Array.from({ length: part.shape[0]! }, (_, n) => part.data.subarray(n * C, (n + 1) * C))
      );
      index!.data.forEach((n, m) => data.set(rows[n] ?? [], m * C));
      return [{ shape: [index!.data.length, C], data }];
    },
  },
  [
    { parts: [5], C: 7, M: 9 },
    { parts: [11], C: 12, M: 3 },
    { parts: [7, 5], C: 48, M: 67 },
    { parts: [3, 2, 4], C: 5, M: 21 },
  ].map((
    { parts, C, M },
  ) => ({
    name: `${M} rows of [${parts.join(" + ")}, ${C}]`,
    inputs: [
      { shape: [M], below: parts.reduce((sum, N) => sum + N) + 2 },
      ...parts.map((N) => ({ shape: [N, C], range: [-1, 1] as const })),
    ],
    attributes: {},
  })),
);
