/**
 * safetensors files that know whether they are whole: the last tensor, `sha256` (U8 [32]), is the hash of every byte that
 * stands before it, header included. Any reader of safetensors opens them.
 */
import { createHash } from "node:crypto";
import { DataError } from "../../engine/mod.ts";
import { openRandomAccess, type RandomAccessFile, streamFileAtomic } from "../files/mod.ts";
import { encode } from "./convert.ts";
import { encodeHeader } from "./encode_header.ts";
import { openSafetensors } from "./read.ts";

/** Name of the tensor that holds the hash. */
const SEAL = "sha256";
/** Bytes of a hash. */
const SEAL_BYTES = 32;
/** Bytes hashed at a time. */
const PIECE_BYTES = 1 << 22;

/** Values to be written, float32 and flat, in pieces that are asked for one after another. */
export interface SealedTensor {
  readonly name: string;
  /** Values of all pieces together. */
  readonly length: number;
  pieces(): AsyncIterable<Float32Array<ArrayBuffer>>;
}

/** An open file whose hash was found right. */
export interface SealedFile {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, { readonly length: number }>;
  /** Values `start` to `end` of a tensor. @throws {DataError} when there is no such tensor */
  read(name: string, start: number, end: number): Float32Array<ArrayBuffer>;
  close(): void;
}

/**
 * Writes a sealed file. It appears complete or not at all, and is on the disk when the call returns.
 *
 * @throws {DataError} when the file system refuses; what `pieces` throws passes through
 */
export async function writeSealed(
  path: string,
  tensors: readonly SealedTensor[],
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const hash = createHash("sha256");
  const header = encodeHeader([
    ...tensors.map(({ name, length }) => ({ name, dtype: "F32", shape: [length], bytes: 4 * length })),
    { name: SEAL, dtype: "U8", shape: [SEAL_BYTES], bytes: SEAL_BYTES },
  ], metadata);
  await streamFileAtomic(path, async (write) => {
    const hashed = async (bytes: Uint8Array) => {
      hash.update(bytes);
      await write(bytes);
    };
    await hashed(header);
    for (const { pieces } of tensors) {
      for await (const values of pieces()) await hashed(encode(values, "F32"));
    }
    await write(hash.digest());
  });
}

/**
 * Opens a sealed file and checks every byte of it.
 *
 * @throws {DataError} for a file that cannot be read, is no safetensors file, or was changed after it was sealed
 */
export async function openSealed(path: string): Promise<SealedFile> {
  const file = await openRandomAccess(path);
  try {
    if (file.size < SEAL_BYTES || !sealHolds(file)) {
      throw new DataError(
        `Cannot use ${path}: its content is not what its SHA-256 says, so it is damaged; remove it`,
        { path },
      );
    }
    // The hash covers header and data, so nothing here can be other than it was written.
    const opened = await openSafetensors(path);
    opened.close();
    const begins = new Map<string, { length: number; begin: number }>();
    let begin = headerBytes(file);
    for (const name of opened.names().filter((name) => name !== SEAL)) {
      const [length] = opened.info(name).shape as [number];
      begins.set(name, { length, begin });
      begin += 4 * length;
    }
    return {
      metadata: opened.metadata,
      tensors: begins,
      read(name, start, end) {
        const found = begins.get(name);
        if (!found || end > found.length) {
          throw new DataError(`Cannot use ${path}: it lacks values of ${name}; remove it`, { path });
        }
        const values = new Float32Array(end - start);
        file.readInto(new Uint8Array(values.buffer), found.begin + 4 * start);
        return values;
      },
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

function headerBytes(file: RandomAccessFile): number {
  const bytes = new Uint8Array(8);
  file.readInto(bytes, 0);
  return 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
}

function sealHolds(file: RandomAccessFile): boolean {
  const hash = createHash("sha256"), piece = new Uint8Array(PIECE_BYTES), end = file.size - SEAL_BYTES;
  for (let at = 0; at < end; at += piece.length) {
    const part = piece.subarray(0, Math.min(piece.length, end - at));
    file.readInto(part, at);
    hash.update(part);
  }
  const seal = new Uint8Array(SEAL_BYTES);
  file.readInto(seal, end);
  return hash.digest().equals(seal);
}
