import { openRandomAccess } from "../files/mod.ts";

/** Bytes that are asked for by range: of a file on this machine, or over the network. */
export interface ByteSource {
  /** Its name in messages. */
  readonly path: string;
  readonly byteLength: number;
  /** The bytes from `start` up to, without, `end`. @throws {DataError} where they cannot be had */
  slice(start: number, end?: number): Promise<ArrayBuffer>;
}

/**
 * A file on this machine; whoever opens it closes it.
 *
 * @throws {DataError} when `path` cannot be opened or is no regular file
 */
export async function localSource(path: string): Promise<ByteSource & { close(): void }> {
  const file = await openRandomAccess(path);
  return {
    path,
    byteLength: file.size,
    slice: (start, end = file.size) =>
      new Promise((resolve) => {
        const bytes = new Uint8Array(end - start);
        file.readInto(bytes, start);
        resolve(bytes.buffer);
      }),
    close: () => file.close(),
  };
}
