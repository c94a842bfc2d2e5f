import { apply } from "../../autograd/apply.ts";
import type { BackwardContext, Op } from "../../autograd/op.ts";
import { kernel } from "../../compiler/kernel.ts";
import { axis, rowCount } from "../../core/shape.ts";
import { dispatch, target, temporary } from "../../program/record.ts";
import { foldedGrid } from "../../program/slices.ts";
import type { Tensor } from "../../program/tensor.ts";
import { type RowKernels, rowsPerGroup, rowVariant } from "../row_variant.ts";
import backwardSubgroup from "./backward.wgsl" with { type: "text" };
import backwardNaive from "./backward_naive.wgsl" with { type: "text" };
import forwardSubgroup from "./forward.wgsl" with { type: "text" };
import forwardNaive from "./forward_naive.wgsl" with { type: "text" };
import masked from "./masked.wgsl" with { type: "text" };
import maskedNaive from "./masked_naive.wgsl" with { type: "text" };

const FORWARD: RowKernels = {
  file: "ops/softmax/forward",
  passes: 3,
  subgroup: forwardSubgroup,
  naive: forwardNaive,
};
const BACKWARD: RowKernels = {
  file: "ops/softmax/backward",
  passes: 2,
  subgroup: backwardSubgroup,
  naive: backwardNaive,
};

/** `naive` forces the naive kernels, for tests and benchmarks. */
export interface SoftmaxAttributes extends Record<string, unknown> {
  readonly naive?: boolean;
}

/** Which keys a query sees: rows of one batch share spans, `window` 0 means all earlier ones. */
export interface MaskedSoftmaxAttributes extends SoftmaxAttributes {
  readonly queries: number;
  readonly rowsPerBatch: number;
  readonly window: number;
}

function backward(
  { outputs: [y], attributes: { naive }, gradients: [dy] }: BackwardContext<SoftmaxAttributes>,
): (Tensor | undefined)[] {
  const columns = axis(y!.shape, -1), rows = rowCount(y!.shape), dx = temporary("d softmax", y!.shape);
  dispatch({
    op: "softmax.backward",
    ...rowVariant(BACKWARD, rows, columns, naive),
    tensors: { y: y!, dy: dy!, dx },
    params: { rows, columns },
    flops: 4 * rows * columns,
  });
  return [dx];
}

/** The op, for the registry; use {@link softmax}. */
export const softmaxOp: Op<SoftmaxAttributes> = {
  name: "softmax",
  formula: "y_c = exp(x_c) / Σ_j exp(x_j)",
  forward([x], { naive }) {
    const columns = axis(x!.shape, -1), rows = rowCount(x!.shape), y = temporary("softmax", x!.shape);
    dispatch({
      op: "softmax",
      ...rowVariant(FORWARD, rows, columns, naive),
      tensors: { x: x!, y },
      params: { rows, columns },
      flops: 5 * rows * columns,
    });
    return { outputs: [y] };
  },
  backward,
};

const NO_WINDOW = 0xffffffff;

/** The op, for the registry; use {@link maskedSoftmax}. */
export const maskedSoftmaxOp: Op<MaskedSoftmaxAttributes> = {
  name: "masked_softmax",
  formula: "y_c = exp(x_c) / Σ_j exp(x_j) over the keys that the query sees, 0 elsewhere",
  forward([x, spans], { queries, rowsPerBatch, window, naive }) {
    const columns = axis(x!.shape, -1), rows = rowCount(x!.shape), y = temporary("masked_softmax", x!.shape);
    const lanes = target().subgroupSize, subgroup = !naive && lanes > 0;
    dispatch({
      op: "masked_softmax",
      kernel: subgroup
        ? kernel("ops/softmax/masked.wgsl", masked, { LANES: lanes, ROWS: rowsPerGroup(lanes) })
        : kernel("ops/softmax/masked_naive.wgsl", maskedNaive),
      tensors: { x: x!, spans: spans!, y },
      params: { rows, columns, T: queries, rows_per_batch: rowsPerBatch, window: window || NO_WINDOW },
      grid: foldedGrid(Math.ceil(rows / (subgroup ? rowsPerGroup(lanes) : 64))),
      rounds: subgroup ? 3 * Math.ceil(columns / lanes) : 4 * columns,
      flops: 5 * rows * columns,
    });
    return { outputs: [y] };
  },
  backward: (context) => backward(context as unknown as BackwardContext<SoftmaxAttributes>),
};

/** Softmax over the last axis. */
export const softmax = (x: Tensor): Tensor => apply(softmaxOp, [x], {})[0]!;

/**
 * Causal softmax of attention scores [.., T, S] over the keys that each query sees. Rows of a batch are contiguous.
 *
 * @param spans u32 [B, 3]: first key that counts (left padding), position of the first query (length of the cache), and
 *   the key that no query sees any more (right padding; any large number for none)
 * @param window sliding window W (a query sees keys kv > q - W, itself included), or 0 for none
 */
export function maskedSoftmax(scores: Tensor, spans: Tensor, window: number): Tensor {
  const rowsPerBatch = rowCount(scores.shape) / spans.shape[0]!;
  return apply(maskedSoftmaxOp, [scores, spans], {
    queries: axis(scores.shape, -2),
    rowsPerBatch,
    window,
  })[0]!;
}
