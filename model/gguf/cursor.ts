import type { RandomAccessFile } from "../files/mod.ts";

const WINDOW_BYTES = 1 << 20;

/** A reason why a file is malformed; {@linkcode openGguf} turns it into the error that names the file. */
export class Malformed extends Error {}

/** Reads little-endian values one after another from the start of a file. */
export interface Cursor {
  position(): number;
  /** Bytes between the position and the end of the file. */
  left(): number;
  u32(): number;
  /** A 64-bit count or offset. @throws {Malformed} above 2^53 - 1, where numbers are no longer exact. */
  u64(what: string): number;
  string(what: string): string;
  /** The next `count` bytes; valid until the next call. */
  bytes(count: number, what: string): Uint8Array<ArrayBuffer>;
}

/** A cursor that holds a window of the file, so that long headers are read in few pieces. */
export function cursorOf(file: RandomAccessFile): Cursor {
  let window = new Uint8Array(0);
  let start = 0;
  let at = 0;
  // A token may begin with U+FEFF, which would be taken for a byte order mark.
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  function bytes(count: number, what: string): Uint8Array<ArrayBuffer> {
    if (count > file.size - at) throw new Malformed(`${what} goes past the end of the file`);
    if (at + count > start + window.length) {
      window = new Uint8Array(Math.min(Math.max(count, WINDOW_BYTES), file.size - at));
      file.readInto(window, at);
      start = at;
    }
    const from = at - start;
    at += count;
    return window.subarray(from, from + count);
  }
  const view = (count: number, what: string) => {
    const { buffer, byteOffset } = bytes(count, what);
    return new DataView(buffer, byteOffset, count);
  };
  function u64(what: string): number {
    const value = view(8, what).getBigUint64(0, true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Malformed(`${what} is ${value}, past any file`);
    return Number(value);
  }
  return {
    position: () => at,
    left: () => file.size - at,
    u32: () => view(4, "the header").getUint32(0, true),
    u64,
    bytes,
    string(what) {
      try {
        return decoder.decode(bytes(u64(what), what));
      } catch (error) {
        throw error instanceof TypeError ? new Malformed(`${what} is not UTF-8`) : error;
      }
    },
  };
}
