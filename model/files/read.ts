import { DataError } from "../../engine/mod.ts";
import { ioError } from "./io_error.ts";

/** V8 holds no longer string; a larger text has to be read in parts. */
const MAX_TEXT_BYTES = 2 ** 29 - 24;

/** The whole of a small file as bytes. @throws {DataError} when it cannot be read. */
export async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw ioError("read", path, error);
  }
}

/**
 * The whole of a text file, strictly UTF-8 (a byte order mark is dropped).
 *
 * @throws {DataError} when it cannot be read, is not UTF-8 (the first bad line is named) or exceeds 512 MiB.
 */
export async function readText(path: string): Promise<string> {
  const size = await fileSize(path);
  if (size > MAX_TEXT_BYTES) {
    throw new DataError(
      `Cannot read ${path}: it has ${size} bytes, over the 512 MiB of one text file; split it`,
      {
        path,
      },
    );
  }
  const bytes = await readBytes(path);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const line = firstBadLine(bytes);
    throw new DataError(`Cannot read ${path}: line ${line} is not UTF-8; save the file as UTF-8`, {
      path,
      line,
    });
  }
}

/**
 * A JSON file, parsed.
 *
 * @throws {DataError} as {@linkcode readText}, or when the text is not JSON.
 */
export async function readJson(path: string): Promise<unknown> {
  const text = await readText(path);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DataError(
      `Cannot read ${path}: it is not JSON (${(error as Error).message}); correct or replace it`,
      {
        path,
      },
    );
  }
}

/** Whether `path` names a regular file (links are followed). */
export async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

/** Whether `path` names a directory (links are followed). */
export async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch {
    return false;
  }
}

async function fileSize(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    throw ioError("read", path, error);
  }
}

/** A newline byte is never part of a longer UTF-8 sequence, so every line can be decoded alone. */
function firstBadLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline;
    try {
      decoder.decode(bytes.subarray(start, end));
    } catch {
      return line;
    }
    start = end + 1;
  }
  return line;
}
