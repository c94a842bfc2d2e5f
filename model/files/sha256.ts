import { createHash } from "node:crypto";
import { join } from "node:path";
import { listDirectory } from "./directory.ts";
import { ioError } from "./io_error.ts";
import { isDirectory } from "./read.ts";

/**
 * SHA-256 of a file as 64 hexadecimal digits, read in pieces.
 *
 * @throws {DataError} when the file cannot be read.
 */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    using file = await Deno.open(path, { read: true });
    const piece = new Uint8Array(1 << 20);
    for (;;) {
      const count = await file.read(piece);
      if (count === null) return hash.digest("hex");
      hash.update(piece.subarray(0, count));
    }
  } catch (error) {
    throw ioError("read", path, error);
  }
}

/**
 * SHA-256 of a file, or of all files in a directory with their names, as 64 hexadecimal digits.
 *
 * @param takes which names in the directory count; all where missing
 * @throws {DataError} when a file cannot be read, or there is none.
 */
export async function sha256Tree(
  path: string,
  takes: (name: string) => boolean = () => true,
): Promise<string> {
  if (!await isDirectory(path)) return await sha256File(path);
  const hash = createHash("sha256");
  for (const name of (await listDirectory(path)).filter(takes).sort()) {
    hash.update(`${JSON.stringify(name)} ${await sha256Tree(join(path, name), takes)}\n`);
  }
  return hash.digest("hex");
}
