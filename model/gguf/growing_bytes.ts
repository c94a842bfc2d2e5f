/** Little-endian bytes that grow as values are put at their end. */
export interface GrowingBytes {
  u8(value: number): void;
  u32(value: number): void;
  u64(value: number): void;
  f32(value: number): void;
  /** Length in bytes as 64 bits, then UTF-8. */
  string(value: string): void;
  bytes(values: Uint8Array): void;
  /** What was put so far. */
  taken(): Uint8Array<ArrayBuffer>;
}

/** No bytes yet. */
export function growingBytes(): GrowingBytes {
  const encoder = new TextEncoder();
  let bytes = new Uint8Array(1 << 16), view = new DataView(bytes.buffer), end = 0;

  /** Where `count` more bytes begin; they are there. */
  function room(count: number): number {
    if (end + count > bytes.length) {
      const larger = new Uint8Array(Math.max(2 * bytes.length, end + count));
      larger.set(bytes.subarray(0, end));
      bytes = larger;
      view = new DataView(bytes.buffer);
    }
    end += count;
    return end - count;
  }
  /** `write` runs after the room is there: making room may replace the bytes. */
  const put = (count: number, write: (at: number) => void) => write(room(count));
  return {
    u8: (value) => put(1, (at) => view.setUint8(at, value)),
    u32: (value) => put(4, (at) => view.setUint32(at, value, true)),
    u64: (value) => put(8, (at) => view.setBigUint64(at, BigInt(value), true)),
    f32: (value) => put(4, (at) => view.setFloat32(at, value, true)),
    string(value) {
      const at = room(8 + 3 * value.length); // UTF-8 takes at most 3 bytes a UTF-16 unit
      const { written } = encoder.encodeInto(value, bytes.subarray(at + 8));
      view.setBigUint64(at, BigInt(written), true);
      end = at + 8 + written;
    },
    bytes: (values) => put(values.length, (at) => bytes.set(values, at)),
    taken: () => bytes.slice(0, end),
  };
}
