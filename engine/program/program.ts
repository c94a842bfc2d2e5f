import type { Kernel } from "../compiler/kernel.ts";
import type { Slot, Tensor } from "./tensor.ts";

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
