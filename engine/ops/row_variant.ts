import { type Kernel, kernel } from "../compiler/kernel.ts";
import type { Knobs } from "../compiler/specialize.ts";
import { target } from "../program/record.ts";
import { foldedGrid } from "../program/slices.ts";

/** How a kernel over rows runs: one subgroup a row where subgroups have one known size, else one invocation a row. */
export interface RowVariant {
  readonly kernel: Kernel;
  readonly grid: [number, number, number];
  /** Rounds of an invocation's loops. */
  readonly rounds: number;
}

/** A pair of kernels over rows; both take the same bindings and parameters. */
export interface RowKernels {
  /** As {@link Kernel.file}, without the ending: FILE.wgsl and FILE_naive.wgsl. */
  readonly file: string;
  /** Times that a kernel goes over its row, of the two the larger number. */
  readonly passes: number;
  readonly subgroup: string;
  readonly naive: string;
}

/**
 * Subgroups, and so rows, of a workgroup: starting one costs about 0.3 us on a software adapter, so a row must not cost one
 * each; WebGPU allows 256 invocations.
 */
export function rowsPerGroup(lanes: number): number {
  return Math.max(1, Math.min(8, Math.floor(256 / lanes)));
}

/**
 * Chooses between a kernel's subgroup version (`LANES`, and `WIDTH` floats a load) and its naive sibling.
 *
 * @param columns length of a row; loads are vec4 where it is a multiple of four
 * @param naive forces the naive sibling (tests and benchmarks)
 * @param knobs further knobs of both kernels, and of the subgroup version alone
 * @param each rows that a subgroup takes one after another
 */
export function rowVariant(
  kernels: RowKernels,
  rows: number,
  columns: number,
  naive = false,
  knobs: (vec4: boolean) => { both?: Knobs; subgroup?: Knobs } = () => ({}),
  each = 1,
): RowVariant {
  const lanes = target().subgroupSize, vec4 = columns % 4 === 0, { both, subgroup } = knobs(vec4);
  if (naive || lanes === 0) {
    return {
      kernel: kernel(`${kernels.file}_naive.wgsl`, kernels.naive, both),
      grid: foldedGrid(Math.ceil(rows / 64)),
      rounds: kernels.passes * columns,
    };
  }
  return {
    kernel: kernel(`${kernels.file}.wgsl`, kernels.subgroup, {
      LANES: lanes,
      ROWS: rowsPerGroup(lanes),
      WIDTH: vec4 ? 4 : 1,
      elem: vec4 ? "vec4f" : "f32",
      ...both,
      ...subgroup,
    }),
    grid: foldedGrid(Math.ceil(rows / (rowsPerGroup(lanes) * each))),
    rounds: each * (1 + kernels.passes * Math.ceil(columns / lanes / (vec4 ? 4 : 1))),
  };
}
