import { toBf16 } from "../../engine/mod.ts";
import type { FloatDtype } from "./dtype.ts";

/** Bytes of one stored value. */
export function bytesPerValue(dtype: FloatDtype): number {
  return dtype === "F32" ? 4 : 2;
}

/**
 * Stored little-endian values as 32-bit floats, exactly: every bfloat16 and every float16 is a float32.
 *
 * @param target Receives one value per `bytesPerValue(dtype)` bytes of `bytes`.
 */
export function decodeInto(target: Float32Array, bytes: Uint8Array<ArrayBuffer>, dtype: FloatDtype): void {
  const { buffer, byteOffset } = bytes;
  if (dtype === "F32") {
    target.set(new Float32Array(buffer, byteOffset, target.length));
  } else if (dtype === "F16") {
    target.set(new Float16Array(buffer, byteOffset, target.length));
  } else {
    const stored = new Uint16Array(buffer, byteOffset, target.length);
    const bits = new Uint32Array(target.buffer, target.byteOffset, target.length);
    // A bfloat16 is the upper half of a float32.
    for (let i = 0; i < bits.length; i++) bits[i] = stored[i]! << 16;
  }
}

/**
 * 32-bit floats as stored values, rounded to the nearest and ties to even; above the range they become infinite, as in
 * PyTorch.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { encode } from "./convert.ts";
 *
 * // 1 + 2^-8 lies half-way between two bfloat16 values; the even one is 1 (0x3f80)
 * assert.deepEqual([...encode(new Float32Array([1 + 2 ** -8]), "BF16")], [0x80, 0x3f]);
 * ```
 */
export function encode(values: Float32Array<ArrayBuffer>, dtype: FloatDtype): Uint8Array<ArrayBuffer> {
  if (dtype === "F32") return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  if (dtype === "F16") return new Uint8Array(new Float16Array(values).buffer);
  return new Uint8Array(toBf16(values).buffer);
}
