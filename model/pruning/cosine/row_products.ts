import {
  dispatch,
  type Op,
  type RowKernels,
  rowVariant,
  temporary,
  type Tensor,
} from "../../../engine/mod.ts";
import subgroup from "./forward.wgsl" with { type: "text" };
import naive from "./forward_naive.wgsl" with { type: "text" };

const KERNELS: RowKernels = { file: "model/pruning/cosine/forward", passes: 1, subgroup, naive };

/** Values that {@linkcode recordRowProducts} gives of each row. */
export const PRODUCTS = 3;

/** `naive` forces the naive kernel, for tests and benchmarks. */
export interface RowProductsAttributes extends Record<string, unknown> {
  readonly naive?: boolean;
}

/**
 * Records y = (⟨a, b⟩, ⟨a, a⟩, ⟨b, b⟩) of each row, summed in f32.
 *
 * @param a [.., C]
 * @param b [.., C]
 * @param y [.., 3], written
 */
export function recordRowProducts(a: Tensor, b: Tensor, y: Tensor, forceNaive?: boolean): void {
  const columns = a.shape.at(-1)!, rows = a.shape.slice(0, -1).reduce((count, size) => count * size, 1);
  dispatch({
    op: "row_products",
    ...rowVariant(KERNELS, rows, columns, forceNaive),
    tensors: { a, b, y },
    params: { rows, columns },
    flops: 6 * rows * columns,
  });
}

/** The op, for tests; use {@linkcode recordRowProducts}. */
export const rowProductsOp: Op<RowProductsAttributes> = {
  name: "row_products",
  formula: "y = (⟨a, b⟩, ⟨a, a⟩, ⟨b, b⟩) over the last axis",
  forward([a, b], { naive }) {
    const y = temporary("row_products", [...a!.shape.slice(0, -1), PRODUCTS]);
    recordRowProducts(a!, b!, y, naive);
    return { outputs: [y] };
  },
  backward: "not differentiable",
};
