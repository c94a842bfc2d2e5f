import { type Cursor, Malformed } from "./cursor.ts";
import { GGUF_TYPES, type GgufType } from "./types.ts";

/** Where a tensor lies in the file. */
export interface GgufTensor {
  readonly name: string;
  readonly type: GgufType;
  /** Sizes from the slowest axis to the fastest, as in `transformers`; the file lists them the other way round. */
  readonly shape: readonly number[];
  /** Byte offset in the data part. */
  readonly offset: number;
  readonly bytes: number;
}

const MAX_DIMENSIONS = 4;

/** Reads the descriptions of `count` tensors. @throws {Malformed} */
export function readTensors(cursor: Cursor, count: number): Map<string, GgufTensor> {
  const tensors = new Map<string, GgufTensor>();
  for (let i = 0; i < count; i++) {
    const tensor = readTensor(cursor, i);
    if (tensors.has(tensor.name)) throw new Malformed(`tensor "${tensor.name}" is listed twice`);
    tensors.set(tensor.name, tensor);
  }
  return tensors;
}

function readTensor(cursor: Cursor, index: number): GgufTensor {
  const name = cursor.string(`the name of tensor ${index}`);
  const what = `tensor "${name}"`;
  const dimensions = cursor.u32();
  if (dimensions > MAX_DIMENSIONS) {
    throw new Malformed(`${what} has ${dimensions} dimensions, over ${MAX_DIMENSIONS}`);
  }
  const sizes = Array.from({ length: dimensions }, () => cursor.u64(`a size of ${what}`));
  const number = cursor.u32();
  const type = GGUF_TYPES.get(number);
  if (type === undefined) {
    const known = [...GGUF_TYPES.values()].map((known) => known.name).join(", ");
    throw new Malformed(`${what} has storage type ${number}, which is none of ${known}`);
  }
  if ((sizes[0] ?? 1) % type.block !== 0) {
    throw new Malformed(
      `${what} has rows of ${sizes[0] ?? 1} values, no multiple of ${type.name}'s ${type.block}`,
    );
  }
  const bytes = sizes.reduce((product, size) => product * size, 1) / type.block * type.bytes;
  if (!Number.isSafeInteger(bytes)) throw new Malformed(`${what} is too large to count`);
  return { name, type, shape: sizes.reverse(), offset: cursor.u64(`the offset of ${what}`), bytes };
}

/** The tensors must lie inside the `dataBytes` of the data part, aligned and apart. @throws {Malformed} */
export function checkPlacement(tensors: Iterable<GgufTensor>, dataBytes: number, alignment: number): void {
  let end = 0;
  for (
    const { name, offset, bytes } of [...tensors].sort((a, b) => a.offset - b.offset || a.bytes - b.bytes)
  ) {
    if (offset % alignment !== 0) {
      throw new Malformed(
        `tensor "${name}" is not aligned to ${alignment} bytes`,
      );
    }
    if (offset < end) throw new Malformed(`tensor "${name}" overlaps another`);
    end = offset + bytes;
    if (end > dataBytes) throw new Malformed(`tensor "${name}" goes past the end of the file`);
  }
}
