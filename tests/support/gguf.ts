/** Pieces of a GGUF file, little-endian, for tests that write files by hand. */
export const u32 = (value: number) => new Uint8Array(new Uint32Array([value]).buffer);
export const u64 = (value: bigint | number) => new Uint8Array(new BigUint64Array([BigInt(value)]).buffer);
export const bytes = (...parts: Uint8Array[]) => new Uint8Array(parts.flatMap((part) => [...part]));
export const text = (value: string) => {
  const encoded = new TextEncoder().encode(value);
  return bytes(u64(encoded.length), encoded);
};

/** Key and value of the two kinds that most metadata has. */
export const keyU32 = (key: string, value: number) => bytes(text(key), u32(4), u32(value));
export const keyText = (key: string, value: string) => bytes(text(key), u32(8), text(value));

/** The description of one tensor; `sizes` from the fastest axis to the slowest, as in the file. */
export const tensor = (name: string, sizes: (number | bigint)[], type: number, offset: number) =>
  bytes(text(name), u32(sizes.length), ...sizes.map(u64), u32(type), u64(offset));

/** A whole file; the data follows the header at the next multiple of 32 bytes. */
export function ggufFile(
  keys: Uint8Array[],
  tensors: Uint8Array[],
  data = new Uint8Array(0),
): Uint8Array<ArrayBuffer> {
  const magic = new TextEncoder().encode("GGUF");
  const header = bytes(magic, u32(3), u64(tensors.length), u64(keys.length), ...keys, ...tensors);
  return bytes(header, new Uint8Array((32 - header.length % 32) % 32), data);
}
