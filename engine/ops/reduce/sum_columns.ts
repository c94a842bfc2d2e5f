import { kernel } from "../../compiler/kernel.ts";
import { dispatch } from "../../program/record.ts";
import type { Tensor } from "../../program/tensor.ts";
import source from "./sum_columns.wgsl" with { type: "text" };

/** Records into[c] = Σ_r x[r, c] (added to what `into` holds when `add`), rows in order: the same bits every time. */
export function sumColumns(x: Tensor, into: Tensor, add: boolean): void {
  const [rows, columns] = x.shape as [number, number];
  dispatch({
    op: "sum_columns",
    kernel: kernel("ops/reduce/sum_columns.wgsl", source, { ADD: add }),
    tensors: { x, y: into },
    params: { rows, columns },
    grid: [Math.ceil(columns / 64), 1, 1],
    flops: rows * columns,
    rounds: rows,
  });
}
