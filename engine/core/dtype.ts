/**
 * Element types that live on the device. A bf16 is the upper half of an f32, for weights that nobody changes: two share a
 * word, the first in its low half, and kernels that take them decode them exactly.
 */
export type DType = "f32" | "u32" | "bf16";

/** Bytes of one element. */
export function elementBytes(dtype: DType): number {
  return dtype === "bf16" ? 2 : 4;
}

/** The host array that holds a tensor of a dtype; of bf16 it holds the bits. */
export type HostArray<D extends DType = DType> = D extends "f32" ? Float32Array<ArrayBuffer>
  : D extends "u32" ? Uint32Array<ArrayBuffer>
  : Uint16Array<ArrayBuffer>;

/** The host array over the bytes of a tensor. */
export function hostArray<D extends DType>(dtype: D, bytes: ArrayBuffer): HostArray<D> {
  const Kind = { f32: Float32Array, u32: Uint32Array, bf16: Uint16Array }[dtype];
  return new Kind(bytes) as HostArray<D>;
}

/**
 * Index of the first NaN or infinity, -1 without one. By the bits of the exponent: a tenth of the time of comparisons.
 *
 * @param values f32, or the bits of bf16; of u32 all are finite
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { firstNotFinite } from "./dtype.ts";
 *
 * assert.equal(firstNotFinite(Float32Array.of(1, -0, 3e38, -Infinity, NaN)), 3);
 * assert.equal(firstNotFinite(Uint16Array.of(0x3f80, 0x7f80)), 1);
 * ```
 */
export function firstNotFinite(values: HostArray): number {
  if (values instanceof Uint32Array) return -1;
  const half = values instanceof Uint16Array, exponent = half ? 0x7f80 : 0x7f800000;
  const bits = half ? values : new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i++) if ((bits[i]! & exponent) === exponent) return i;
  return -1;
}

/**
 * 32-bit floats as bf16, rounded to the nearest and ties to even; above the range they become infinite, as in PyTorch.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { toBf16 } from "./dtype.ts";
 *
 * // 1 + 2^-8 lies half-way between two bf16 values; the even one is 1 (0x3f80)
 * assert.deepEqual([...toBf16(Float32Array.of(1 + 2 ** -8, -2))], [0x3f80, 0xc000]);
 * ```
 */
export function toBf16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const rounded = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) rounded[i] = upperHalfRounded(bits[i]!);
  return rounded;
}

/** Adding 0x7fff, and 1 more when the kept half is odd, carries into it exactly when rounding up is right. */
function upperHalfRounded(bits: number): number {
  const isNaN = (bits & 0x7fffffff) > 0x7f800000;
  if (isNaN) return (bits >>> 16) | 0x40; // stays NaN where its payload sat in the lower half
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}
