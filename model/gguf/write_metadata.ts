import type { GrowingBytes } from "./growing_bytes.ts";

/** A value to write: numbers are 32-bit counts unless they are wrapped as `{ f32 }`. */
export type WritableValue =
  | number
  | { readonly f32: number }
  | boolean
  | string
  | readonly string[]
  | readonly boolean[]
  | Float32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>;

/** Keys and values in the order of the file. */
export type WritableMetadata = ReadonlyMap<string, WritableValue>;

/** The numbers of the types in the file (`gguf_metadata_value_type`). */
const TYPE = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;

/** Puts all key and value pairs. */
export function putMetadata(bytes: GrowingBytes, metadata: WritableMetadata): void {
  for (const [key, value] of metadata) {
    bytes.string(key);
    putValue(bytes, value);
  }
}

function putValue(bytes: GrowingBytes, value: WritableValue): void {
  if (typeof value === "number") {
    bytes.u32(TYPE.u32);
    bytes.u32(value);
  } else if (typeof value === "boolean") {
    bytes.u32(TYPE.bool);
    bytes.u8(Number(value));
  } else if (typeof value === "string") {
    bytes.u32(TYPE.string);
    bytes.string(value);
  } else if ("f32" in value) {
    bytes.u32(TYPE.f32);
    bytes.f32(value.f32);
  } else {
    bytes.u32(TYPE.array);
    putArray(bytes, value);
  }
}

function putArray(bytes: GrowingBytes, values: Extract<WritableValue, { length: number }>): void {
  if (values instanceof Float32Array || values instanceof Int32Array) {
    bytes.u32(values instanceof Float32Array ? TYPE.f32 : TYPE.i32);
    bytes.u64(values.length);
    bytes.bytes(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return;
  }
  const isText = typeof values[0] === "string";
  bytes.u32(isText ? TYPE.string : TYPE.bool);
  bytes.u64(values.length);
  for (const value of values) {
    if (typeof value === "string") bytes.string(value);
    else bytes.u8(Number(value));
  }
}
