/**
 * A recorded training step as JSON: what the recorder writes and the page reads. Types alone, so that the page takes
 * nothing of the rest along.
 */
import type { DType, Role } from "../../engine/mod.ts";

/** One training step, whole. */
export interface Recording {
  readonly about: About;
  /** Every token of the row that was learned, in order. */
  readonly tokens: readonly Token[];
  /** Text of each id, where the vocabulary is small; else empty. */
  readonly vocabulary: readonly string[];
  readonly kernels: readonly RecordedKernel[];
  readonly slots: readonly RecordedSlot[];
  readonly dispatches: readonly RecordedDispatch[];
  /** Bytes of each pooled buffer that temporaries share. */
  readonly pool: readonly number[];
  /** Arrays of values that dispatches point to by index. */
  readonly values: readonly RecordedArray[];
  /** Their bytes, see values.ts: planes of bytes, deflated, in base64. */
  readonly bytes: string;
}

/** What was recorded, and where. */
export interface About {
  /** "Pebble", or the name of a run. */
  readonly title: string;
  readonly teacher: { readonly name: string; readonly blocks: number };
  readonly student: { readonly blocks: number; readonly dropped: readonly number[] };
  /** "forward_kl, alpha 0.5, beta 0.5, temperature 2" */
  readonly loss: string;
  readonly adapter: string;
  /** True where a driver computes on the CPU. */
  readonly software: boolean;
  /** Lanes of the subgroups that its kernels rely on; 0: they rely on none, and run on every WebGPU. */
  readonly subgroupSize: number;
  readonly limits: { readonly gflops: number; readonly gigabytes: number };
  /** Runs whose times the dispatches' are the medians of. */
  readonly timedRuns: number;
  readonly losses: {
    readonly crossEntropy: number;
    readonly distillation: number;
    readonly total: number;
    readonly gradientNorm: number;
  };
  /** What is kept of the values, for a person. */
  readonly kept: string;
}

/** One position of the row. */
export interface Token {
  readonly id: number;
  readonly text: string;
  /** The token to predict there; undefined at the last. */
  readonly target?: number;
  readonly targetText?: string;
}

/** A compute shader with its knobs filled in. */
export interface RecordedKernel {
  readonly file: string;
  readonly knobs: Readonly<Record<string, string | number | boolean>>;
  readonly code: string;
  readonly bindings: readonly {
    readonly name: string;
    readonly index: number;
    readonly access: "read" | "read_write" | "uniform";
  }[];
  readonly params: readonly { readonly name: string; readonly type: "u32" | "f32" }[];
}

/** A stretch of device memory. */
export interface RecordedSlot {
  readonly name: string;
  readonly role: Role;
  readonly bytes: number;
  /** First and last dispatch that touches it. */
  readonly first: number;
  readonly last: number;
  /** Where a temporary stands in the pool. */
  readonly place?: { readonly buffer: number; readonly offset: number };
}

/** One kernel launch. */
export interface RecordedDispatch {
  readonly op: string;
  /** The mathematics in one line, where the op has such a line. */
  readonly formula?: string;
  /** Where in the model, outermost first: `micro-batch 0/student/backward/block 3/mlp`. */
  readonly scope: string;
  /** Index of its kernel. */
  readonly kernel: number;
  readonly tensors: readonly RecordedTensor[];
  readonly params: Readonly<Record<string, number>>;
  readonly grid: readonly [number, number, number];
  readonly bytes: number;
  readonly flops: number;
  /** Recorded dispatches whose work it does, where it is fused. */
  readonly joined?: number;
  /** Measured on the device's clock. */
  readonly milliseconds: number;
  /** Whether it can run again: all that it reads and writes is kept. */
  readonly kept: boolean;
  /** Where only the first elements are kept: how many, and the `count` that has the kernel stop there. */
  readonly sample?: { readonly elements: number; readonly count: number };
}

/** A tensor that a dispatch binds. */
export interface RecordedTensor {
  /** Name of the binding. */
  readonly name: string;
  readonly slot: number;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly write: boolean;
  /** Values before the dispatch, where it was there and the dispatch can run again: an index into `values`. */
  readonly before?: number;
  /** Values after it. */
  readonly after?: number;
  /** What it writes, told in numbers. */
  readonly statistics?: Statistics;
  /** What it writes, small enough to look at, where its values are not kept. */
  readonly picture?: Picture;
}

/** What values look like; those that are NaN count and take no part in the rest. */
export interface Statistics {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly nan: number;
}

/** Values thinned out to a byte each: 0 where not finite, else 128 + 127 v / scale. */
export interface Picture {
  /** Index into `values`. */
  readonly value: number;
  readonly rows: number;
  readonly columns: number;
  /** Rows and columns of the tensor from one that is shown to the next. */
  readonly every: readonly [rows: number, columns: number];
  /** The largest magnitude shown. */
  readonly scale: number;
}

/** An array in {@link Recording.bytes}. */
export interface RecordedArray {
  readonly type: DType | "u8";
  readonly length: number;
  /** First byte. */
  readonly start: number;
}
