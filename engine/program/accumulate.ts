import { kernel } from "../compiler/kernel.ts";
import { dispatch } from "./record.ts";
import { flatSlices, foldedGrid, part } from "./slices.ts";
import { createTensor, type Tensor } from "./tensor.ts";
import source from "./accumulate.wgsl" with { type: "text" };

/** Records `into += source`, or `into = source` where not `add`; equal lengths. */
export function accumulate(into: Tensor, from: Tensor, add: boolean): void {
  for (const slice of flatSlices(into)) {
    const count = slice.end - slice.start;
    dispatch({
      op: add ? "accumulate" : "copy",
      kernel: kernel("program/accumulate.wgsl", source, { ADD: add }),
      tensors: { into: part(into, slice), source: part(from, slice) },
      params: { count },
      grid: foldedGrid(Math.ceil(count / 64)),
      flops: add ? count : 0,
    });
  }
}

/** A copy of `tensor` that outlives the run, to be read by the host or by another Program. */
export function output(name: string, tensor: Tensor): Tensor {
  const kept = createTensor(name, "output", tensor.shape, tensor.dtype);
  accumulate(kept, tensor, false);
  return kept;
}
