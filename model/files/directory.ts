import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { ioError } from "./io_error.ts";

/** Makes a directory and its parents where they are missing. @throws {DataError} when the file system refuses. */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw ioError("write", path, error);
  }
}

/**
 * Makes a directory inside one that exists, where it is missing.
 *
 * @throws {DataError} when the file system refuses, or the directory that it is in is gone.
 */
export async function makeSubdirectory(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if ((error as { code?: string }).code !== "EEXIST") throw ioError("write", path, error);
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

/** Names of what a directory holds; none where there is no directory. @throws {DataError} when it cannot be read. */
export async function listDirectory(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return [];
    throw ioError("read", path, error);
  }
}

/** Removes a file, or a directory with all in it; nothing where there is none. @throws {DataError} when it cannot. */
export async function removeFile(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    throw ioError("write", path, error);
  }
}
