import type { Kernel } from "../compiler/kernel.ts";
import type { Elementwise } from "./elementwise.ts";
import { byteLength, type Slot, type Tensor } from "./tensor.ts";

/** One kernel launch over named tensors. */
export interface Dispatch {
  /** The op that asked for it, e.g. `rms_norm` or `matmul.backward`. */
  readonly op: string;
  /** Where in the model: names of the enclosing {@link scope}s, outermost first, e.g. `student/layer 3/mlp`. */
  readonly scope: string;
  /** The compute shader that runs. */
  readonly kernel: Kernel;
  /** Tensor for each storage binding of the kernel, by name. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** Value for each field of the kernel's `Params`. */
  readonly params: Readonly<Record<string, number>>;
  /** Workgroups along x, y, z. */
  readonly grid: readonly [number, number, number];
  /** Bytes read and written, counting each tensor once. */
  readonly bytes: number;
  /** Floating-point operations, as the op counts them. */
  readonly flops: number;
  /** What it computes, where it works element by element: lets it be fused. */
  readonly elementwise?: Elementwise;
  /** What it was before fusion, where it is the work of several recorded dispatches. */
  readonly joined?: { readonly dispatches: number; readonly bytes: number };
}

/** First and last dispatch that touches a slot. */
export interface Lifetime {
  first: number;
  last: number;
}

/** What reaches the device: recorded once, planned, run many times. Same inputs, same device: same bits. */
export interface Program {
  /** For traces, reports and the labels of buffers. */
  readonly name: string;
  /** In the order in which they run. */
  readonly dispatches: readonly Dispatch[];
  /** Every slot that is touched, in the order of first use. */
  readonly lifetimes: ReadonlyMap<Slot, Lifetime>;
}

/** Slots that a dispatch reads and writes, by the access that its kernel declares. */
export function accesses(
  dispatch: Pick<Dispatch, "kernel" | "tensors">,
): { tensor: Tensor; name: string; write: boolean }[] {
  return dispatch.kernel.bindings.flatMap(({ name, access }) => {
    const tensor = dispatch.tensors[name];
    return access === "uniform" || !tensor ? [] : [{ tensor, name, write: access === "read_write" }];
  });
}

/** Bytes of the tensors that a dispatch binds, counting each once. */
export function bytesOf(tensors: Readonly<Record<string, Tensor>>): number {
  return [...new Set(Object.values(tensors))].reduce((sum, tensor) => sum + byteLength(tensor), 0);
}

/** Dispatches and bytes of a Program as its ops recorded it, before fusion. */
export function beforeFusion({ dispatches }: Program): { dispatches: number; bytes: number } {
  const parts = dispatches.map(({ joined, bytes }) => joined ?? { dispatches: 1, bytes });
  const sum = (of: "dispatches" | "bytes") => parts.reduce((total, part) => total + part[of], 0);
  return { dispatches: sum("dispatches"), bytes: sum("bytes") };
}
