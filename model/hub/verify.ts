import { createHash } from "node:crypto";
import { ioError } from "../files/mod.ts";
import type { HubFile } from "./cache.ts";

/**
 * Whether a file has the content that its metadata promise: size, and the hash that `etag` is.
 *
 * @throws {DataError} when the file cannot be read
 */
export async function holdsContent(path: string, { size, etag }: HubFile): Promise<boolean> {
  try {
    using file = await Deno.open(path, { read: true });
    if ((await file.stat()).size !== size) return false;
    const hash = etag.length === 64 ? createHash("sha256") : createHash("sha1").update(`blob ${size}\0`);
    const piece = new Uint8Array(1 << 20);
    for (;;) {
      const count = await file.read(piece);
      if (count === null) return hash.digest("hex") === etag;
      hash.update(piece.subarray(0, count));
    }
  } catch (error) {
    throw ioError("read", path, error);
  }
}

/** The hash in an ETag header, weak or not; undefined where it is none of the two hashes of the hub. */
export function hashOf(etag: string | null): string | undefined {
  const text = etag?.replace(/^W\//, "").replace(/^"(.*)"$/, "$1") ?? "";
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text) ? text : undefined;
}
