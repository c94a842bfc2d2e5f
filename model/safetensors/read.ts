import { DataError } from "../../engine/mod.ts";
import { openRandomAccess, type RandomAccessFile, type WeightSource } from "../files/mod.ts";
import { bytesPerValue, decodeInto } from "./convert.ts";
import { isFloatDtype } from "./dtype.ts";
import { type Header, type HeaderEntry, parseHeader } from "./header.ts";

/** Largest header the reference implementation accepts. */
const MAX_HEADER_BYTES = 100_000_000;
/** Stored bytes converted at a time: a tensor needs its float32 values and this much more. */
const PIECE_BYTES = 1 << 24;

/** An open safetensors file; tensors are read one by one. */
export interface SafetensorsFile extends WeightSource {
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Opens a safetensors file and checks its whole header; no tensor is read yet.
 *
 * @throws {DataError} for a file that cannot be read or is malformed in any way, before anything large is allocated.
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const file = await openRandomAccess(path);
  try {
    const { header, dataStart } = readHeader(file);
    return {
      metadata: header.metadata,
      names: () => [...header.tensors.keys()],
      info: (name) => {
        const { dtype, shape } = entryOf(header, name, path);
        return { dtype, shape };
      },
      // deno-lint-ignore require-await
      readF32: async (name) => readValues(file, dataStart, name, entryOf(header, name, path)),
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

function readHeader(file: RandomAccessFile): { header: Header; dataStart: number } {
  const refuse = (reason: string) =>
    new DataError(
      `Cannot read ${file.path}: ${reason}; it is damaged or not safetensors, fetch or export it again`,
      {
        path: file.path,
      },
    );
  if (file.size < 8) throw refuse(`it has ${file.size} bytes and a header length takes 8`);
  const lengthBytes = new Uint8Array(8);
  file.readInto(lengthBytes, 0);
  const length = new DataView(lengthBytes.buffer).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) {
    throw refuse(`its header claims ${length} bytes, over the limit of ${MAX_HEADER_BYTES}`);
  }
  const dataStart = 8 + Number(length);
  if (dataStart > file.size) throw refuse(`its header claims ${length} bytes and the file has ${file.size}`);
  const bytes = new Uint8Array(Number(length));
  file.readInto(bytes, 8);
  const header = parseHeader(bytes, file.size - dataStart);
  if (typeof header === "string") throw refuse(header);
  return { header, dataStart };
}

function entryOf(header: Header, name: string, path: string): HeaderEntry {
  const entry = header.tensors.get(name);
  if (entry === undefined) {
    throw new DataError(
      `Cannot read tensor "${name}" of ${path}: there is none of that name; check the model`,
      {
        path,
      },
    );
  }
  return entry;
}

function readValues(
  file: RandomAccessFile,
  dataStart: number,
  name: string,
  { dtype, begin, end }: HeaderEntry,
): Float32Array<ArrayBuffer> {
  if (!isFloatDtype(dtype)) {
    throw new DataError(
      `Cannot read tensor "${name}" of ${file.path}: its type is ${dtype}, and only BF16, F16 and F32 are read; ` +
        `convert the model to one of them`,
      { path: file.path },
    );
  }
  const width = bytesPerValue(dtype);
  const values = new Float32Array((end - begin) / width);
  const piece = new Uint8Array(Math.min(PIECE_BYTES, end - begin));
  for (let at = begin; at < end; at += piece.length) {
    const bytes = piece.subarray(0, Math.min(piece.length, end - at));
    file.readInto(bytes, dataStart + at);
    const first = (at - begin) / width;
    decodeInto(values.subarray(first, first + bytes.length / width), bytes, dtype);
  }
  return values;
}
