import { kernel } from "../../compiler/kernel.ts";
import { elementCount } from "../../core/shape.ts";
import { dispatch, temporary } from "../../program/record.ts";
import { flatSlices, part } from "../../program/slices.ts";
import type { Tensor } from "../../program/tensor.ts";
import source from "./sum_parts.wgsl" with { type: "text" };

/** Elements that one workgroup adds up. */
const PART = 65536;

/** Partial sums (of squares when `squares`) of all tensors, in a fixed order, as one tensor [parts, 1]. */
export function sumParts(tensors: readonly Tensor[], squares: boolean): Tensor {
  const pieces = tensors.flatMap((x) => flatSlices(x).map((slice) => part(x, slice)));
  const counts = pieces.map((piece) => Math.ceil(elementCount(piece.shape) / PART));
  const parts = temporary("parts", [counts.reduce((sum, count) => sum + count, 0), 1]);
  let first = 0;
  pieces.forEach((x, i) => {
    const count = elementCount(x.shape);
    dispatch({
      op: squares ? "sum_squares" : "sum",
      kernel: kernel("ops/reduce/sum_parts.wgsl", source, { SQUARES: squares }),
      tensors: { x, parts },
      params: { count, part: PART, first },
      grid: [counts[i]!, 1, 1],
      flops: count * (squares ? 2 : 1),
    });
    first += counts[i]!;
  });
  return parts;
}
