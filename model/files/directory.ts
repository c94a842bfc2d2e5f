import { mkdir, rename } from "node:fs/promises";
import { ioError } from "./io_error.ts";

/** Makes a directory and its parents where they are missing. @throws {DataError} when the file system refuses. */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw ioError("write", path, error);
  }
}

/** Moves a file within one file system. @throws {DataError} when the file system refuses. */
export async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    throw ioError("write", to, error);
  }
}
