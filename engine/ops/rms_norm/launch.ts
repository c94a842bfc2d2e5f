import type { Destination } from "../../autograd/op.ts";
import { kernel } from "../../compiler/kernel.ts";
import type { Knobs } from "../../compiler/specialize.ts";
import { axis, rowCount } from "../../core/shape.ts";
import { dispatch, target, temporary } from "../../program/record.ts";
import type { Tensor } from "../../program/tensor.ts";
import { type RowKernels, type RowVariant, rowVariant } from "../row_variant.ts";
import backwardSubgroup from "./backward.wgsl" with { type: "text" };
import backwardNaive from "./backward_naive.wgsl" with { type: "text" };
import forwardSubgroup from "./forward.wgsl" with { type: "text" };
import forwardNaive from "./forward_naive.wgsl" with { type: "text" };
import weightGradient from "./weight_gradient.wgsl" with { type: "text" };

const FORWARD: RowKernels = {
  file: "ops/rms_norm/forward",
  passes: 2,
  subgroup: forwardSubgroup,
  naive: forwardNaive,
};
const BACKWARD: RowKernels = {
  file: "ops/rms_norm/backward",
  passes: 2,
  subgroup: backwardSubgroup,
  naive: backwardNaive,
};

/** Loads of a row that a lane keeps in registers: 640 channels in vec4s of 8 lanes are 20, 4096 of 32 are 32. */
const MAX_HELD = 32;
/** Rows of a subgroup: a load costs more than parallelism is worth on a software adapter, w is read once for all. */
const SOFTWARE_ROWS = 8;
/** Rows that make one part of dw, in both versions. */
const PART_ROWS = { subgroup: 16, naive: 64 };

function heldKnobs(columns: number, each: number): (vec4: boolean) => Knobs {
  return (vec4) => {
    const loads = Math.floor(columns / target().subgroupSize / (vec4 ? 4 : 1));
    const HELD = Math.min(MAX_HELD, loads);
    return { HELD, SIZE: Math.max(1, HELD), EACH: each };
  };
}

/** How y and rstd are made. */
export function forwardVariant(
  rows: number,
  columns: number,
  residual: boolean,
  naive: boolean | undefined,
): RowVariant {
  const each = target().software ? SOFTWARE_ROWS : 1, subgroup = heldKnobs(columns, each);
  return rowVariant(
    FORWARD,
    rows,
    columns,
    naive,
    (vec4) => ({ both: { RESIDUAL: residual }, subgroup: subgroup(vec4) }),
    each,
  );
}

/**
 * Records dx, and the parts of dw: one dispatch with subgroups, else two.
 *
 * @param into undefined where dx is not wanted
 * @returns parts [P, C] of dw, to be summed over P
 */
export function backwardDispatches(
  given: { readonly x: Tensor; readonly w: Tensor; readonly dy: Tensor; readonly rstd: Tensor },
  into: Destination | undefined,
  naive: boolean | undefined,
): Tensor {
  const { x, dy, rstd } = given, columns = axis(x.shape, -1), rows = rowCount(x.shape);
  const each = PART_ROWS.subgroup, subgroup = heldKnobs(columns, each);
  const variant = rowVariant(
    BACKWARD,
    rows,
    columns,
    naive,
    (vec4) => ({ both: { ADD: into?.accumulate ?? false }, subgroup: subgroup(vec4) }),
    each,
  );
  const together = variant.kernel.bindings.some(({ name }) => name === "parts");
  const partRows = together ? PART_ROWS.subgroup : PART_ROWS.naive;
  const parts = temporary("d w parts", [Math.ceil(rows / partRows), columns]);
  if (into || together) {
    const dx = into?.tensor ?? temporary("d rms_norm", x.shape);
    dispatch({
      op: "rms_norm.backward",
      ...variant,
      tensors: { ...given, dx, ...together ? { parts } : {} },
      params: { rows, columns },
      flops: (together ? 11 : 8) * rows * columns,
    });
  }
  if (!together) {
    dispatch({
      op: "rms_norm.backward",
      kernel: kernel("ops/rms_norm/weight_gradient.wgsl", weightGradient, { ROWS_PER_PART: PART_ROWS.naive }),
      tensors: { x, dy, rstd, parts },
      params: { rows, columns },
      grid: [Math.ceil(columns / 64), parts.shape[0]!, 1],
      flops: 3 * rows * columns,
    });
  }
  return parts;
}
