import {
  apply,
  dispatch,
  elementCount,
  type Entry,
  entry,
  foldedGrid,
  kernel,
  type Op,
  temporary,
  type Tensor,
} from "../../../engine/mod.ts";
import source from "./hide.wgsl" with { type: "text" };

/** What hidden elements become, and how far apart elements of neighbouring tokens stand. */
export interface HideAttributes extends Record<string, unknown> {
  readonly tokens: number;
  readonly stride: number;
  readonly fill: number;
}

const hideOp: Op<HideAttributes> = {
  name: "hide",
  formula: "y_i = x_i where (i / stride) mod tokens < end of its row, fill elsewhere",
  forward([x, ends], attributes) {
    const y = temporary("hide", x!.shape), count = elementCount(x!.shape);
    dispatch({
      op: "hide",
      kernel: kernel("model/gemma3/hide/hide.wgsl", source),
      tensors: { x: x!, ends: ends!, y },
      params: { ...attributes, count, per_batch: count / ends!.shape[0]! },
      grid: foldedGrid(Math.ceil(count / 64)),
      flops: 0,
    });
    return { outputs: [y] };
  },
  backward: "not differentiable",
};

/** Below every score, and finite: a sum of exponentials never meets infinity minus infinity. */
const LOWEST = -3e38;

/** Scores [.., T, S] with the keys of right padding so low that softmax gives them no weight. */
export function hideScores(scores: Tensor, ends: Tensor): Tensor {
  return apply(hideOp, [scores, ends], { tokens: scores.shape.at(-1)!, stride: 1, fill: LOWEST })[0]!;
}

/** Values [B, heads, S, D] with zeros for right padding: a query that sees no key, but for padding, is answered 0. */
export function hideValues(values: Tensor, ends: Tensor): Tensor {
  const [, , tokens, stride] = values.shape as [number, number, number, number];
  return apply(hideOp, [values, ends], { tokens, stride, fill: 0 })[0]!;
}

/** The op with its definition and cases, for tests. */
export const hideEntry: Entry = entry(hideOp, {
  forward: ([x, ends], { tokens, stride, fill }) => {
    const perRow = x!.data.length / ends!.data.length;
    const counts = (i: number) => Math.floor(i / stride) % tokens < ends!.data[Math.floor(i / perRow)]!;
    return [{ shape: x!.shape, data: x!.data.map((value, i) => counts(i) ? value : fill) }];
  },
}, [
  {
    name: "scores",
    inputs: [{ shape: [3, 2, 5, 7] }, { shape: [3], below: 8 }],
    attributes: { tokens: 7, stride: 1, fill: -4 },
  },
  {
    name: "values",
    inputs: [{ shape: [3, 2, 7, 5] }, { shape: [3], below: 8 }],
    attributes: { tokens: 7, stride: 5, fill: 0 },
  },
]);
