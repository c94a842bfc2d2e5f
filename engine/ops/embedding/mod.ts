import { apply } from "../../autograd/apply.ts";
import { type BackwardContext, entry, type Op } from "../../autograd/op.ts";
import { constant } from "../../compiler/expression.ts";
import { kernel } from "../../compiler/kernel.ts";
import type { DType } from "../../core/dtype.ts";
import { elementCount } from "../../core/shape.ts";
import { map } from "../../program/map.ts";
import { dispatch, temporary } from "../../program/record.ts";
import { foldedGrid, slices } from "../../program/slices.ts";
import { rows as rowsOf, type Tensor } from "../../program/tensor.ts";
import backwardSource from "./backward.wgsl" with { type: "text" };
import forwardSource from "./forward.wgsl" with { type: "text" };
import forwardPacked from "./forward_bf16.wgsl" with { type: "text" };
import linksSource from "./links.wgsl" with { type: "text" };

interface EmbeddingAttributes extends Record<string, unknown> {
  readonly scale: number;
  /** Id whose row gets no gradient (PyTorch's padding_idx), or null. */
  readonly padding: number | null;
}

const NO_PADDING = 0xffffffff;

/** Columns as the kernels count them: in vec4s where their number allows and the table is not packed. */
function elements(columns: number, dtype: DType = "f32"): { count: number; elem: "vec4f" | "f32" } {
  return columns % 4 === 0 && dtype === "f32"
    ? { count: columns / 4, elem: "vec4f" }
    : { count: columns, elem: "f32" };
}

function backward(
  { inputs: [table, ids], attributes: { scale, padding }, gradients: [dy], destination }: BackwardContext<
    EmbeddingAttributes
  >,
) {
  const [V, columns] = table!.shape as [number, number], N = elementCount(ids!.shape);
  const { count, elem } = elements(columns);
  const { tensor, accumulate } = destination(0), links = temporary("links", [N, 2], "u32");
  if (!accumulate) map("zero", constant(0), [], tensor, 0);
  dispatch({
    op: "embedding.backward",
    kernel: kernel("ops/embedding/links.wgsl", linksSource),
    tensors: { ids: ids!, links },
    params: { N },
    grid: [Math.ceil(N / 64), 1, 1],
    flops: 0,
    rounds: N,
  });
  for (const { start, end } of slices(V, columns)) {
    dispatch({
      op: "embedding.backward",
      kernel: kernel("ops/embedding/backward.wgsl", backwardSource, { elem }),
      tensors: { dy: dy!, ids: ids!, links, gradient: rowsOf(tensor, start, end) },
      params: { N, columns: count, first: start, rows: end - start, padding: padding ?? NO_PADDING, scale },
      grid: foldedGrid(Math.ceil(N * count / 64)),
      flops: N * columns,
      rounds: N,
    });
  }
  return [tensor, undefined];
}

const op: Op<EmbeddingAttributes> = {
  name: "embedding",
  formula: "y[n] = scale E[ids[n]]",
  forward([table, ids], { scale }) {
    const [V, columns] = table!.shape as [number, number], N = elementCount(ids!.shape);
    const { count, elem } = elements(columns, table!.dtype);
    const y = temporary("embedding", [...ids!.shape, columns]);
    for (const { start, end } of slices(V, columns)) {
      dispatch({
        op: "embedding",
        kernel: table!.dtype === "bf16"
          ? kernel("ops/embedding/forward_bf16.wgsl", forwardPacked)
          : kernel("ops/embedding/forward.wgsl", forwardSource, { elem }),
        tensors: { table: rowsOf(table!, start, end), ids: ids!, y },
        params: { N, columns: count, first: start, rows: end - start, scale },
        grid: foldedGrid(Math.ceil(N * count / 64)),
        flops: N * columns,
      });
    }
    return { outputs: [y] };
  },
  backward,
};

/**
 * Rows of a table [V, C], f32 or bf16, for ids [..] (u32, each below V: checked where ids are read, never here), times `scale`.
 *
 * @param padding id whose row gets no gradient from here, as PyTorch's padding_idx; null for none
 */
export function embedding(table: Tensor, ids: Tensor, scale: number, padding: number | null = null): Tensor {
  return apply(op, [table, ids], { scale, padding })[0]!;
}

/** Registry entry. */
export const embeddingEntry = entry(
  op,
  {
    forward([table, ids], { scale }) {
      const C = table!.shape[1]!, data = new Float64Array(ids!.data.length * C);
      data.forEach((_, i) => data[i] = scale * table!.data[ids!.data[Math.floor(i / C)]! * C + i % C]!);
      return [{ shape: [...ids!.shape, C], data }];
    },
    backward([table, ids], { scale, padding }, [dy]) {
      const C = table!.shape[1]!, data = new Float64Array(table!.data.length);
      dy!.data.forEach((d, i) => {
        const id = ids!.data[Math.floor(i / C)]!;
        if (id !== padding) data[id * C + i % C]! += scale * d;
      });
      return [{ shape: table!.shape, data }, undefined];
    },
  },
  [{ V: 11, C: 6, ids: [3, 5] }, { V: 4, C: 3, ids: [40] }, { V: 9, C: 8, ids: [5, 3] }].map((
    { V, C, ids },
  ) => ({
    name: `${ids.join("x")} ids of ${V}`,
    inputs: [{ shape: [V, C], range: [-1, 1] as const }, { shape: ids, below: V }],
    attributes: { scale: 2.5, padding: null },
  })),
);
