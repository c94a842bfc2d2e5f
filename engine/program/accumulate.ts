import { add, input } from "../compiler/expression.ts";
import { COPY } from "./fuse.ts";
import { map } from "./map.ts";
import { createTensor, type Tensor } from "./tensor.ts";

/** Records `into += source`, or `into = source` where not `sum`; equal lengths. */
export function accumulate(into: Tensor, from: Tensor, sum: boolean): void {
  if (sum) map("accumulate", add(input(0), input(1)), [into, from], into);
  else map(COPY, input(0), [from], into, 0);
}

/** A copy of `tensor` that outlives the run, to be read by the host or by another Program. */
export function output(name: string, tensor: Tensor): Tensor {
  const kept = createTensor(name, "output", tensor.shape, tensor.dtype);
  accumulate(kept, tensor, false);
  return kept;
}
