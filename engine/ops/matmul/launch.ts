import { type Kernel, kernel } from "../../compiler/kernel.ts";
import type { Target } from "../../gpu/device.ts";
import { dispatch, target } from "../../program/record.ts";
import type { Tensor } from "../../program/tensor.ts";
import naive from "./naive.wgsl" with { type: "text" };
import nn from "./subgroup_nn.wgsl" with { type: "text" };
import nt from "./subgroup_nt.wgsl" with { type: "text" };
import tn from "./subgroup_tn.wgsl" with { type: "text" };
import tiled from "./tiled.wgsl" with { type: "text" };

/** How A and B are stored: N as in the product, T transposed. A is [M, K] (T: [K, M]), B is [K, N] (T: [N, K]). */
export type Layout = "NN" | "NT" | "TN";

/** One product of matrices, or a batch of them; strides in elements. */
export interface Product {
  readonly op: string;
  readonly layout: Layout;
  readonly a: Tensor;
  readonly b: Tensor;
  readonly c: Tensor;
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly batch?: number;
  /** The operand that all products of the batch share. */
  readonly shared?: "a" | "b";
  /** Distance of two stored rows; the matrix is dense when not given. */
  readonly aRow?: number;
  readonly bRow?: number;
  readonly cRow?: number;
  readonly alpha?: number;
  /** Adds to what C holds. */
  readonly add?: boolean;
}

/** Which kernel serves a product. */
export type Variant = "naive" | "tiled" | "subgroup";

/** The kernel for a device: registers and subgroups on a CPU, where workgroup memory is slow; tiles on a GPU. */
function chooseVariant({ software, subgroupSize }: Target): Variant {
  return software && subgroupSize >= 4 ? "subgroup" : "tiled";
}

/** Records C = alpha A B (+ C), in the layout given. */
export function product(spec: Product, variant: Variant = chooseVariant(target())): void {
  const { M, N, K, layout, batch = 1, shared, alpha = 1, add = false } = spec;
  const strides = {
    a_row: spec.aRow ?? (layout === "TN" ? M : K),
    b_row: spec.bRow ?? (layout === "NT" ? K : N),
    c_row: spec.cRow ?? N,
    a_batch: shared === "a" ? 0 : M * K,
    b_batch: shared === "b" ? 0 : K * N,
    c_batch: M * N,
  };
  const shape = { M, N, K, alpha };
  const launch = variant === "subgroup"
    ? subgroup(layout, shape, strides, add)
    : strided(variant, layout, shape, strides, add);
  dispatch({
    op: spec.op,
    kernel: launch.kernel,
    tensors: { A: spec.a, B: spec.b, C: spec.c },
    params: launch.params,
    grid: [Math.ceil(M / launch.tile[0]), Math.ceil(N / launch.tile[1]), batch],
    flops: 2 * M * N * K * batch,
    rounds: launch.rounds,
  });
}

interface Strides {
  readonly a_row: number;
  readonly b_row: number;
  readonly c_row: number;
  readonly a_batch: number;
  readonly b_batch: number;
  readonly c_batch: number;
}

interface Sizes {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly alpha: number;
}

interface Choice {
  readonly kernel: Kernel;
  readonly params: Record<string, number>;
  /** Rows and columns of C that one workgroup makes. */
  readonly tile: readonly [number, number];
  /** Rounds of an invocation's loops. */
  readonly rounds: number;
}

/** The kernels that take any layout as a pair of strides. */
function strided(
  variant: "naive" | "tiled",
  layout: Layout,
  shape: Sizes,
  strides: Strides,
  add: boolean,
): Choice {
  const { a_row, b_row, ...rest } = strides;
  const params = {
    ...shape,
    ...rest,
    ...(layout === "TN" ? { a_row: 1, a_column: a_row } : { a_row, a_column: 1 }),
    ...(layout === "NT" ? { b_row: 1, b_column: b_row } : { b_row, b_column: 1 }),
  };
  if (variant === "naive") {
    return {
      kernel: kernel("ops/matmul/naive.wgsl", naive, { ADD: add }),
      params,
      tile: [8, 8],
      rounds: shape.K,
    };
  }
  const side = shape.M >= 64 && shape.N >= 64 ? 8 : 4;
  return {
    kernel: kernel("ops/matmul/tiled.wgsl", tiled, { ADD: add, TILE: side }),
    params,
    tile: [8 * side, 8 * side],
    rounds: Math.ceil(shape.K / 16) * (1 + 16 + 2 * side), // a tile of 16 k: its loads, then its products
  };
}

/** One subgroup a workgroup; four floats at a time where every row begins on a multiple of four. */
function subgroup(layout: Layout, shape: Sizes, strides: Strides, add: boolean): Choice {
  const lanes = target().subgroupSize,
    rows = shape.M <= 8 ? 8 : 16,
    { b_row, b_batch, c_row, c_batch } = strides;
  const aligned = (...lengths: number[]) => lengths.every((length) => length % 4 === 0);
  if (layout === "NT") {
    const width = aligned(shape.K, b_row, b_batch) ? 4 : 1,
      columns = lanes >= 16 || shape.N <= lanes * 4 ? 4 : 8;
    const knobs = {
      ADD: add,
      LANES: lanes,
      ROWS: rows,
      COLUMNS: columns,
      WIDTH: width,
      elem: width === 4 ? "vec4f" : "f32",
    };
    return {
      kernel: kernel("ops/matmul/subgroup_nt.wgsl", nt, knobs),
      params: { ...shape, ...strides, b_row: b_row / width, b_batch: b_batch / width },
      tile: [rows, lanes * columns],
      rounds: Math.ceil(shape.K / lanes),
    };
  }
  const width = aligned(shape.N, b_row, b_batch, c_row, c_batch) ? 4 : 1,
    blocks = lanes >= 16 || shape.N <= lanes * width ? 1 : 2;
  const knobs = {
    ADD: add,
    LANES: lanes,
    ROWS: rows,
    BLOCKS: blocks,
    WIDTH: width,
    elem: width === 4 ? "vec4f" : "f32",
  };
  return {
    kernel: layout === "NN"
      ? kernel("ops/matmul/subgroup_nn.wgsl", nn, knobs)
      : kernel("ops/matmul/subgroup_tn.wgsl", tn, { ...knobs, LOADS: Math.max(1, rows / lanes) }),
    params: {
      ...shape,
      ...strides,
      b_row: b_row / width,
      b_batch: b_batch / width,
      c_row: c_row / width,
      c_batch: c_batch / width,
    },
    tile: [rows, lanes * blocks * width],
    rounds: Math.ceil(shape.K / (layout === "NN" ? lanes : 8)),
  };
}
