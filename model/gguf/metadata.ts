import { type Cursor, Malformed } from "./cursor.ts";

type NumberArray =
  | Uint8Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

/** A value of the metadata; arrays of truth values are bytes of 0 and 1. */
export type GgufValue = number | bigint | boolean | string | string[] | NumberArray;

/** Metadata by key, such as `gemma3.block_count` or `tokenizer.ggml.tokens`. */
export type GgufMetadata = ReadonlyMap<string, GgufValue>;

const BOOL = 7;
const STRING = 8;
const ARRAY = 9;

/** How many bytes a number takes and which typed array reads it, by its type in the file. */
const NUMBERS = new Map<number, { new (buffer: ArrayBuffer): NumberArray; BYTES_PER_ELEMENT: number }>([
  [0, Uint8Array],
  [1, Int8Array],
  [2, Uint16Array],
  [3, Int16Array],
  [4, Uint32Array],
  [5, Int32Array],
  [6, Float32Array],
  [BOOL, Uint8Array],
  [10, BigUint64Array],
  [11, BigInt64Array],
  [12, Float64Array],
]);

/** Reads `count` key and value pairs. @throws {Malformed} */
export function readMetadata(cursor: Cursor, count: number): Map<string, GgufValue> {
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < count; i++) {
    const key = cursor.string(`key ${i} of the metadata`);
    if (metadata.has(key)) throw new Malformed(`the metadata repeats the key "${key}"`);
    metadata.set(key, readValue(cursor, cursor.u32(), `"${key}"`));
  }
  return metadata;
}

function readValue(cursor: Cursor, type: number, what: string): GgufValue {
  if (type === STRING) return cursor.string(what);
  if (type === ARRAY) return readArray(cursor, what);
  const value = readNumbers(cursor, type, 1, what)[0]!;
  return type === BOOL ? value !== 0 : value;
}

function readArray(cursor: Cursor, what: string): string[] | NumberArray {
  const type = cursor.u32();
  const count = cursor.u64(`the length of ${what}`);
  if (type !== STRING) return readNumbers(cursor, type, count, what);
  // Each string takes at least the 8 bytes of its length: a false count is caught before an array grows.
  if (count > cursor.left() / 8) throw new Malformed(`${what} goes past the end of the file`);
  return Array.from({ length: count }, () => cursor.string(what));
}

function readNumbers(cursor: Cursor, type: number, count: number, what: string): NumberArray {
  const Numbers = NUMBERS.get(type);
  if (Numbers === undefined) throw new Malformed(`${what} has the unknown type ${type}`);
  // A copy: typed arrays need an aligned start.
  return new Numbers(cursor.bytes(count * Numbers.BYTES_PER_ELEMENT, what).slice().buffer);
}
