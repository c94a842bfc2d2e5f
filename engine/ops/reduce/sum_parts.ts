import { type Kernel, kernel } from "../../compiler/kernel.ts";
import { elementCount } from "../../core/shape.ts";
import { dispatch, target, temporary } from "../../program/record.ts";
import { flatSlices, part } from "../../program/slices.ts";
import type { Tensor } from "../../program/tensor.ts";
import subgroup from "./sum_parts.wgsl" with { type: "text" };
import naive from "./sum_parts_naive.wgsl" with { type: "text" };

/** Elements that one workgroup adds up. */
const PART = 65536;

/** A subgroup a part where subgroups have one known size, in vec4s where the length allows. */
function variant(count: number, squares: boolean, forceNaive: boolean): { kernel: Kernel; rounds: number } {
  const lanes = target().subgroupSize, vec4 = count % 4 === 0;
  if (forceNaive || lanes === 0) {
    return {
      kernel: kernel("ops/reduce/sum_parts_naive.wgsl", naive, { SQUARES: squares }),
      rounds: PART / 64 + 64,
    };
  }
  const knobs = { SQUARES: squares, LANES: lanes, WIDTH: vec4 ? 4 : 1, elem: vec4 ? "vec4f" : "f32" };
  return { kernel: kernel("ops/reduce/sum_parts.wgsl", subgroup, knobs), rounds: PART / lanes };
}

/**
 * Partial sums (of squares when `squares`) of all tensors, in a fixed order, as one tensor [parts, 1].
 *
 * @param forceNaive takes the version without subgroups, for tests
 */
export function sumParts(tensors: readonly Tensor[], squares: boolean, forceNaive = false): Tensor {
  const pieces = tensors.flatMap((x) => flatSlices(x).map((slice) => part(x, slice)));
  const counts = pieces.map((piece) => Math.ceil(elementCount(piece.shape) / PART));
  const parts = temporary("parts", [counts.reduce((sum, count) => sum + count, 0), 1]);
  let first = 0;
  pieces.forEach((x, i) => {
    const count = elementCount(x.shape);
    dispatch({
      op: squares ? "sum_squares" : "sum",
      ...variant(count, squares, forceNaive),
      tensors: { x, parts },
      params: { count, part: PART, first },
      grid: [counts[i]!, 1, 1],
      flops: count * (squares ? 2 : 1),
    });
    first += counts[i]!;
  });
  return parts;
}
