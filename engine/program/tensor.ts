import { type DType, elementBytes } from "../core/dtype.ts";
import { elementCount, type Shape } from "../core/shape.ts";

/**
 * What a stretch of device memory is for. Temporaries belong to one Program and share pooled buffers by lifetime;
 * all others live outside Programs and keep their contents between runs.
 */
export type Role = "input" | "parameter" | "state" | "temporary" | "output";

/** A stretch of device memory. */
export interface Slot {
  readonly name: string;
  readonly role: Role;
  readonly bytes: number;
}

/** A slot, or a contiguous part of one, seen as an array. Tensors carry no values and no mathematics. */
export interface Tensor {
  readonly slot: Slot;
  /** First element, counted from the start of the slot. */
  readonly offset: number;
  readonly shape: Shape;
  readonly dtype: DType;
  /** True for what gradients flow into: trained parameters and all that is computed from them. */
  readonly differentiable: boolean;
}

/** Bytes that a tensor covers. */
export function byteLength(tensor: Tensor): number {
  return elementCount(tensor.shape) * elementBytes(tensor.dtype);
}

/** Where a tensor starts in its slot, in bytes. */
export function byteOffset({ offset, dtype }: Tensor): number {
  return offset * elementBytes(dtype);
}

/** A new tensor over a whole new slot. */
export function createTensor(
  name: string,
  role: Role,
  shape: Shape,
  dtype: DType = "f32",
  differentiable = false,
): Tensor {
  const slot: Slot = { name, role, bytes: elementCount(shape) * elementBytes(dtype) };
  return { slot, offset: 0, shape, dtype, differentiable };
}

/** Rows `start` to `end` of the first axis, without copying; gradients do not flow through it. */
export function rows(tensor: Tensor, start: number, end: number): Tensor {
  const rowLength = elementCount(tensor.shape.slice(1));
  return {
    slot: tensor.slot,
    offset: tensor.offset + start * rowLength,
    shape: [end - start, ...tensor.shape.slice(1)],
    dtype: tensor.dtype,
    differentiable: false,
  };
}
