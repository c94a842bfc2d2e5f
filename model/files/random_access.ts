import { DataError } from "../../engine/mod.ts";
import { ioError } from "./io_error.ts";

/** A file opened for reads at any offset. */
export interface RandomAccessFile {
  readonly path: string;
  /** Bytes in the file when it was opened. */
  readonly size: number;
  /** Fills `target` with the bytes from `offset` on. @throws {DataError} when the file is shorter or unreadable. */
  readInto(target: Uint8Array, offset: number): void;
  close(): void;
}

/**
 * Opens a file for reading. Seek and read happen without a pause between them, so concurrent callers cannot disturb
 * each other.
 *
 * @throws {DataError} when `path` cannot be opened or is no regular file.
 */
export async function openRandomAccess(path: string): Promise<RandomAccessFile> {
  try {
    const info = await Deno.stat(path);
    if (!info.isFile) throw new DataError(`Cannot read ${path}: it is not a file; give a file`, { path });
    const file = await Deno.open(path, { read: true });
    return {
      path,
      size: info.size,
      readInto: (target, offset) => readInto(file, path, target, offset),
      close: () => file.close(),
    };
  } catch (error) {
    throw ioError("read", path, error);
  }
}

function readInto(file: Deno.FsFile, path: string, target: Uint8Array, offset: number): void {
  try {
    file.seekSync(offset, Deno.SeekMode.Start);
    for (let filled = 0; filled < target.length;) {
      const count = file.readSync(target.subarray(filled));
      if (count === null) {
        throw new DataError(
          `Cannot read ${path}: it ends at byte ${offset + filled}, before byte ${offset + target.length}; ` +
            `it changed while it was read, run again`,
          { path },
        );
      }
      filled += count;
    }
  } catch (error) {
    throw ioError("read", path, error);
  }
}
