/** Element types that live on the device; both are four bytes wide. */
export type DType = "f32" | "u32";

/** Bytes of one element. */
export const ELEMENT_BYTES = 4;

/** The host array that holds a tensor of a dtype. */
export type HostArray<D extends DType = DType> = D extends "f32" ? Float32Array<ArrayBuffer>
  : Uint32Array<ArrayBuffer>;

/** Allocates a zeroed host array of `length` elements. */
export function hostArray<D extends DType>(dtype: D, length: number): HostArray<D> {
  return (dtype === "f32" ? new Float32Array(length) : new Uint32Array(length)) as HostArray<D>;
}
