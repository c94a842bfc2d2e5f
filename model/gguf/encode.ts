import { DataError, firstNotFinite } from "../../engine/mod.ts";
import { encode } from "../safetensors/mod.ts";
import type { GgufType } from "./types.ts";
import { GGUF_TYPES } from "./types.ts";

/** Storage types that are written. */
export const WRITTEN_TYPES = ["F32", "F16", "BF16", "Q8_0"] as const;

/** Name of a storage type that is written. */
export type WrittenType = typeof WRITTEN_TYPES[number];

const BLOCK = 32;

/** Number, block and bytes of a storage type. */
export function storage(type: WrittenType): GgufType & { readonly number: number } {
  const [number, found] = [...GGUF_TYPES].find(([, { name }]) => name === type)!;
  return { number, ...found };
}

/**
 * Whole blocks of values as they are stored: rounded to nearest even, or quantised.
 *
 * @param what names the tensor in messages
 * @throws {DataError} for a value that is not finite, or would not be once it is stored.
 */
export function encodeBlocks(
  values: Float32Array<ArrayBuffer>,
  type: WrittenType,
  what: string,
): Uint8Array<ArrayBuffer> {
  const refuse = (problem: string) => new DataError(`Cannot write ${what} as ${type}: ${problem}`);
  if (firstNotFinite(values) >= 0) {
    throw refuse("it has a value that is not finite; export a model whose training did not diverge");
  }
  const isLost = (value: number) => !Number.isFinite(value);
  if (type === "Q8_0") {
    return quantizeQ8(values, () => refuse("it has a value beyond 8.3 million; take bf16"));
  }
  const bytes = encode(values, type);
  if (type === "F16" && new Float16Array(bytes.buffer).some(isLost)) {
    throw refuse("it has a value beyond 65,504; take bf16");
  }
  return bytes;
}

/**
 * Q8_0, block by block as ggml's quantize_row_q8_0_ref: d is the largest absolute value over 127, in float32, and
 * stored in half precision; each value is x / d, by the reciprocal in float32, rounded to nearest and halves away
 * from zero.
 */
function quantizeQ8(values: Float32Array, tooLarge: () => Error): Uint8Array<ArrayBuffer> {
  const { fround } = Math, blocks = values.length / BLOCK, bytes = new Uint8Array(34 * blocks);
  const view = new DataView(bytes.buffer);
  for (let block = 0; block < blocks; block++) {
    const from = block * BLOCK, at = 34 * block;
    let largest = 0;
    for (let i = from; i < from + BLOCK; i++) largest = Math.max(largest, Math.abs(values[i]!));
    const d = fround(largest / 127), reciprocal = d === 0 ? 0 : fround(1 / d);
    view.setFloat16(at, d, true);
    if (!Number.isFinite(view.getFloat16(at, true))) throw tooLarge();
    if (reciprocal === Infinity) continue; // so small that d is stored as 0, and each value with it
    for (let i = 0; i < BLOCK; i++) {
      const scaled = fround(values[from + i]! * reciprocal), whole = Math.floor(Math.abs(scaled) + 0.5);
      view.setInt8(at + 2 + i, scaled < 0 ? -whole : whole);
    }
  }
  return bytes;
}
