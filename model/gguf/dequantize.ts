import { decodeInto } from "../safetensors/mod.ts";
import { dequantizeQ4K, dequantizeQ5K, dequantizeQ6K } from "./k_blocks.ts";
import { dequantizeQ4, dequantizeQ5, dequantizeQ8 } from "./small_blocks.ts";

/** Fills `target` with the values of whole blocks. */
type Dequantize = (bytes: Uint8Array<ArrayBuffer>, target: Float32Array) => void;

/**
 * How each storage type becomes float32, as ggml defines it (ggml-quants.c). Every product below is exact in a
 * double, so the one rounding is that to float32: the result equals float32 arithmetic bit for bit.
 */
export const DEQUANTIZE: Readonly<Record<string, Dequantize>> = {
  F32: (bytes, target) => decodeInto(target, bytes, "F32"),
  F16: (bytes, target) => decodeInto(target, bytes, "F16"),
  BF16: (bytes, target) => decodeInto(target, bytes, "BF16"),
  Q4_0: (bytes, target) => dequantizeQ4(bytes, target, false),
  Q4_1: (bytes, target) => dequantizeQ4(bytes, target, true),
  Q5_0: (bytes, target) => dequantizeQ5(bytes, target, false),
  Q5_1: (bytes, target) => dequantizeQ5(bytes, target, true),
  Q8_0: dequantizeQ8,
  Q4_K: dequantizeQ4K,
  Q5_K: dequantizeQ5K,
  Q6_K: dequantizeQ6K,
};
