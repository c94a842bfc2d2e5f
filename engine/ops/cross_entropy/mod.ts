import { apply } from "../../autograd/apply.ts";
import { type BackwardContext, type Case, entry, type Op, type Reference } from "../../autograd/op.ts";
import { kernel } from "../../compiler/kernel.ts";
import { elementCount } from "../../core/shape.ts";
import { dispatch, temporary } from "../../program/record.ts";
import { foldedGrid } from "../../program/slices.ts";
import type { Tensor } from "../../program/tensor.ts";
import { type RowKernels, rowVariant } from "../row_variant.ts";
import backwardSource from "./backward.wgsl" with { type: "text" };
import subgroup from "./forward.wgsl" with { type: "text" };
import naive from "./forward_naive.wgsl" with { type: "text" };

/** Target of a position that no loss counts (PyTorch's ignore_index). */
export const UNSCORED = 0xffffffff;

const FORWARD: RowKernels = { file: "ops/cross_entropy/forward", passes: 2, subgroup, naive };

interface CrossEntropyAttributes extends Record<string, unknown> {
  readonly naive?: boolean;
}

function backward(
  { inputs: [logits, targets], saved: [lse], gradients: [dloss] }: BackwardContext<CrossEntropyAttributes>,
) {
  const dlogits = temporary("d logits", logits!.shape), count = elementCount(logits!.shape);
  dispatch({
    op: "cross_entropy.backward",
    kernel: kernel("ops/cross_entropy/backward.wgsl", backwardSource),
    tensors: { logits: logits!, targets: targets!, lse: lse!, dloss: dloss!, dlogits },
    params: { count, columns: logits!.shape[1]! },
    grid: foldedGrid(Math.ceil(count / 64)),
    flops: 3 * count,
  });
  return [dlogits, undefined];
}

const op: Op<CrossEntropyAttributes> = {
  name: "cross_entropy",
  formula: "loss[n] = log Σ_c exp(z[n, c]) - z[n, target[n]]",
  forward([logits, targets], attributes) {
    const [N, V] = logits!.shape as [number, number],
      loss = temporary("cross_entropy", [N]),
      lse = temporary("lse", [N]);
    dispatch({
      op: "cross_entropy",
      ...rowVariant(FORWARD, N, V, attributes.naive),
      tensors: { logits: logits!, targets: targets!, loss, lse },
      params: { rows: N, columns: V },
      flops: 4 * N * V,
    });
    return { outputs: [loss], saved: [lse] };
  },
  backward,
};

/** Loss of each row: logits [N, V], targets u32 [N] ({@link UNSCORED} gives 0), result [N]; not averaged. */
export function crossEntropy(logits: Tensor, targets: Tensor): Tensor {
  return apply(op, [logits, targets], {})[0]!;
}

const logSumExp = (row: Float64Array): number => {
  const highest = row.reduce((a, b) => Math.max(a, b), -Infinity);
  return highest + Math.log(row.reduce((sum, value) => sum + Math.exp(value - highest), 0));
};

const reference: Reference<CrossEntropyAttributes> = {
  forward([logits, targets]) {
    const [N, V] = logits!.shape as [number, number], data = new Float64Array(N);
    targets!.data.forEach((target, n) => {
      const row = logits!.data.subarray(n * V, (n + 1) * V);
      data[n] = target === UNSCORED ? 0 : logSumExp(row) - row[target]!;
    });
    return [{ shape: [N], data }];
  },
  backward([logits, targets], _, [dloss]) {
    const V = logits!.shape[1]!, data = new Float64Array(logits!.data.length);
    targets!.data.forEach((target, n) => {
      if (target === UNSCORED) return;
      const row = logits!.data.subarray(n * V, (n + 1) * V), lse = logSumExp(row);
      row.forEach((value, c) =>
        data[n * V + c] = dloss!.data[n]! * (Math.exp(value - lse) - (c === target ? 1 : 0))
      );
    });
    return [{ shape: logits!.shape, data }, undefined];
  },
};

const cases: Case<CrossEntropyAttributes>[] = [[3, 7], [5, 36], [3, 300]].flatMap((shape) =>
  [false, true].map((naive) => ({
    name: `[${shape}]${naive ? " naive" : ""}`,
    inputs: [{ shape, range: [-4, 4] as const }, { shape: [shape[0]!], below: shape[1]! }],
    attributes: { naive },
  }))
);

/** Registry entry. */
export const crossEntropyEntry = entry(op, reference, cases);
