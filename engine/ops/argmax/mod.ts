import { apply } from "../../autograd/apply.ts";
import { entry, type Op } from "../../autograd/op.ts";
import { kernel } from "../../compiler/kernel.ts";
import { dispatch, temporary } from "../../program/record.ts";
import type { Tensor } from "../../program/tensor.ts";
import best from "./best.wgsl" with { type: "text" };
import naive from "./naive.wgsl" with { type: "text" };
import stretches from "./stretches.wgsl" with { type: "text" };

/** What {@link argmax} answers for a row that holds NaN or +∞: no column is the largest. */
export const NO_COLUMN = 0xffffffff;

interface ArgmaxAttributes extends Record<string, unknown> {
  /** Columns that one invocation looks at: whole rows where they are no longer. */
  readonly length?: number;
  /** Receives the columns where given; else they are a temporary. */
  readonly into?: Tensor;
}

/** A row of logits of 262,144 words is 512 stretches. */
const LENGTH = 512;

const op: Op<ArgmaxAttributes> = {
  name: "argmax",
  formula: "y[r] = the first c with x[r, c] = max_i x[r, i]",
  forward([x], { length = LENGTH, into }) {
    const [rows, columns] = x!.shape as [number, number], y = into ?? temporary("argmax", [rows], "u32");
    const launch = (
      file: string,
      source: string,
      of: number,
      rest: Omit<Parameters<typeof dispatch>[0], "op" | "kernel" | "grid">,
    ) =>
      dispatch({
        op: "argmax",
        kernel: kernel(`ops/argmax/${file}.wgsl`, source),
        grid: [Math.ceil(of / 64), 1, 1],
        ...rest,
      });
    if (columns <= length) {
      const params = { rows, columns };
      launch("naive", naive, rows, { tensors: { x: x!, y }, params, flops: rows * columns, rounds: columns });
      return { outputs: [y] };
    }
    const many = Math.ceil(columns / length), count = rows * many;
    const largest = temporary("largest", [rows, many]), places = temporary("places", [rows, many], "u32");
    launch("stretches", stretches, count, {
      tensors: { x: x!, largest, places },
      params: { count, columns, stretches: many, length },
      flops: rows * columns,
      rounds: length,
    });
    launch("best", best, rows, {
      tensors: { largest, places, y },
      params: { rows, stretches: many },
      flops: count,
      rounds: many,
    });
    return { outputs: [y] };
  },
  backward: "not differentiable",
};

/**
 * Column of each row's largest value, the first of equals, as torch.argmax on a CPU; {@link NO_COLUMN} for a row that
 * holds NaN or +∞.
 *
 * @param x [R, C], in one binding
 * @param into u32 [R], to be read after the run; returned
 * @returns u32 [R]
 */
export const argmax = (x: Tensor, into?: Tensor): Tensor => apply(op, [x], { ...into && { into } })[0]!;

/** Registry entry: short rows by one invocation, long ones in stretches, the last of which is shorter. */
export const argmaxEntry = entry(
  op,
  {
    forward([x]) {
      const [R, C] = x!.shape as [number, number];
      return [{
        shape: [R],
        data: Float64Array.from({ length: R }, (_, r) => {
          const row = x!.data.subarray(r * C, (r + 1) * C);
          if (row.some((value) => !(value < Infinity))) return NO_COLUMN;
          return row.reduce((found, value, c) => value > row[found]! ? c : found, 0);
        }),
      }];
    },
  },
  [
    { name: "3 x 7", shape: [3, 7], attributes: {} },
    { name: "70 x 33", shape: [70, 33], attributes: {} },
    { name: "2 x 1300 in stretches", shape: [2, 1300], attributes: {} },
    { name: "67 x 29 in stretches of 4", shape: [67, 29], attributes: { length: 4 } },
  ].map(({ name, shape, attributes }) => ({
    name,
    inputs: [{ shape, range: [-3, 3] as const }],
    attributes,
  })),
);
