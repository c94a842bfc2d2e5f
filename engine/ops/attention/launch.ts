import { type Kernel, kernel } from "../../compiler/kernel.ts";
import type { Target } from "../../gpu/device.ts";
import { target } from "../../program/record.ts";
import { foldedGrid } from "../../program/slices.ts";
import backwardKeyLanes from "./backward_key_lanes.wgsl" with { type: "text" };
import backwardKeyNaive from "./backward_key_naive.wgsl" with { type: "text" };
import backwardKeyTiled from "./backward_key_tiled.wgsl" with { type: "text" };
import backwardQueryLanes from "./backward_query_lanes.wgsl" with { type: "text" };
import backwardQueryNaive from "./backward_query_naive.wgsl" with { type: "text" };
import backwardQueryTiled from "./backward_query_tiled.wgsl" with { type: "text" };
import forwardLanes from "./forward_lanes.wgsl" with { type: "text" };
import forwardNaive from "./forward_naive.wgsl" with { type: "text" };
import forwardTiled from "./forward_tiled.wgsl" with { type: "text" };

/** Which kernels serve an attention. */
export type Variant = "naive" | "tiled" | "lanes";

/** Sizes of one attention, in the letters of `engine/README.md`; G query heads share one of keys and values. */
export interface Sizes {
  readonly B: number;
  readonly T: number;
  readonly S: number;
  readonly H: number;
  readonly G: number;
  readonly D: number;
}

/** The three kernels of a variant; all take the same parameters, and those of one part the same tensors. */
export type Part = "forward" | "backward_query" | "backward_key";

/** What a dispatch needs of a kernel: how many workgroups, and the rounds of an invocation's loops. */
export interface Choice {
  readonly kernel: Kernel;
  readonly grid: [number, number, number];
  readonly rounds: number;
}

/** The kernels for a device: registers and subgroups on a CPU, where workgroup memory is slow; tiles on a GPU. */
function chooseVariant({ software, subgroupSize }: Target): Variant {
  return software && subgroupSize >= 4 ? "lanes" : "tiled";
}

/** The kernel of one part. */
export function choose(part: Part, sizes: Sizes, variant: Variant = chooseVariant(target())): Choice {
  return { naive, tiled, lanes }[variant](part, sizes);
}

function naive(part: Part, { B, T, S, H, G, D }: Sizes): Choice {
  const of = {
    forward: { source: forwardNaive, rows: B * T * H, rounds: 3 * S * (1 + D) + D },
    backward_query: { source: backwardQueryNaive, rows: B * T * H, rounds: S * (1 + 2 * D) + D },
    backward_key: { source: backwardKeyNaive, rows: B * S * (H / G), rounds: T * (1 + G * (1 + 2 * D)) + D },
  }[part];
  return {
    kernel: kernel(`ops/attention/${part}_naive.wgsl`, of.source),
    grid: foldedGrid(Math.ceil(of.rows / 64)),
    rounds: of.rounds,
  };
}

/** Rows and columns of a tile, and columns of its workgroup, as in the files. */
const TILE = 32, WIDE = 16, DEPTH = 16;

function tiled(part: Part, { B, T, S, H, G, D }: Sizes): Choice {
  const of = {
    forward: { source: forwardTiled, rows: T * G, columns: S },
    backward_query: { source: backwardQueryTiled, rows: T * G, columns: S },
    backward_key: { source: backwardKeyTiled, rows: S, columns: T * G },
  }[part];
  const slices = Math.ceil(D / DEPTH);
  return {
    kernel: kernel(`ops/attention/${part}_tiled.wgsl`, of.source, { CHANNELS: Math.ceil(D / WIDE) }),
    grid: [Math.ceil(of.rows / TILE), H / G, B],
    rounds: Math.ceil(of.columns / TILE) * (1 + slices * (1 + DEPTH) + 5 * TILE),
  };
}

/** Floats of queries that a lane keeps: more of them share a load, until they leave the registers. */
const HELD = 128;

function lanes(part: Part, { B, T, S, H, G, D }: Sizes): Choice {
  const LANES = target().subgroupSize, WIDTH = D % 4 === 0 ? 4 : 1, COLUMNS = D / WIDTH;
  const knobs = {
    LANES,
    COLUMNS,
    PIECES: Math.ceil(COLUMNS / LANES),
    PART: COLUMNS % 4 === 0 ? COLUMNS / 4 : COLUMNS,
    WIDTH,
    elem: WIDTH === 4 ? "vec4f" : "f32",
  };
  const file = `ops/attention/${part}_lanes.wgsl`;
  if (part === "backward_key") {
    return {
      kernel: kernel(file, backwardKeyLanes, knobs),
      grid: [Math.ceil(S / LANES), H / G, B],
      rounds: T * (1 + G),
    };
  }
  const ROWS = Math.max(1, Math.min(4, Math.floor(HELD / D), Math.ceil(T * G / LANES)));
  const KEYS = ROWS === 1 ? 1 : 4;
  return {
    kernel: part === "forward"
      ? kernel(file, forwardLanes, { ...knobs, ROWS, KEYS })
      : kernel(file, backwardQueryLanes, { ...knobs, ROWS }),
    grid: [Math.ceil(T * G / LANES / ROWS), H / G, B],
    rounds: Math.ceil(S / KEYS),
  };
}
