import { createHash } from "node:crypto";
import { ioError } from "./io_error.ts";

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
