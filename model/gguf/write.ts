import { streamFileAtomic } from "../files/mod.ts";
import { readTensor, type TensorToWrite } from "../safetensors/mod.ts";
import { encodeBlocks, storage, type WrittenType } from "./encode.ts";
import { growingBytes } from "./growing_bytes.ts";
import { putMetadata, type WritableMetadata } from "./write_metadata.ts";

const MAGIC = 0x46554747; // "GGUF", little-endian
const VERSION = 3;
const ALIGNMENT = 32;
/** Values encoded at a time: whole blocks of every type, so that a tensor is not held twice. */
const PIECE_VALUES = 1 << 22;

/** A tensor to be written under its GGUF name; `read` is called once, when its turn comes. */
export interface GgufTensorToWrite extends TensorToWrite {
  readonly type: WrittenType;
}

/**
 * Writes a GGUF file of version 3, tensor by tensor: only one tensor's float32 values are in memory at a time. The file
 * appears complete or not at all.
 *
 * @param onTensor hears how many tensors are written; what it throws stops the writing
 * @throws {ShapeError} when a tensor has not as many values as its shape says.
 * @throws {DataError} for values that the type cannot hold, or when the file system refuses.
 */
export async function writeGguf(
  path: string,
  metadata: WritableMetadata,
  tensors: readonly GgufTensorToWrite[],
  onTensor: (written: number) => void = () => {},
): Promise<void> {
  const header = encodeHeader(metadata, tensors);
  await streamFileAtomic(path, async (write) => {
    await write(header);
    for (const [i, tensor] of tensors.entries()) {
      onTensor(i);
      const values = await readTensor(tensor), { name, type } = tensor;
      for (let at = 0; at < values.length; at += PIECE_VALUES) {
        await write(encodeBlocks(values.subarray(at, at + PIECE_VALUES), type, `tensor "${name}"`));
      }
      await write(new Uint8Array(padding(storedBytes(tensor))));
    }
  });
  onTensor(tensors.length);
}

function encodeHeader(metadata: WritableMetadata, tensors: readonly GgufTensorToWrite[]): Uint8Array {
  const bytes = growingBytes();
  bytes.u32(MAGIC);
  bytes.u32(VERSION);
  bytes.u64(tensors.length);
  bytes.u64(metadata.size);
  putMetadata(bytes, metadata);
  let offset = 0;
  for (const tensor of tensors) {
    bytes.string(tensor.name);
    bytes.u32(tensor.shape.length);
    for (const size of tensor.shape.toReversed()) bytes.u64(size); // the fastest axis first
    bytes.u32(storage(tensor.type).number);
    bytes.u64(offset);
    offset += storedBytes(tensor) + padding(storedBytes(tensor));
  }
  bytes.bytes(new Uint8Array(padding(bytes.taken().length)));
  return bytes.taken();
}

function storedBytes({ shape, type }: GgufTensorToWrite): number {
  const { block, bytes } = storage(type);
  return shape.reduce((product, size) => product * size, 1) / block * bytes;
}

/** Bytes from `length` to the next multiple of the alignment. */
function padding(length: number): number {
  return (ALIGNMENT - length % ALIGNMENT) % ALIGNMENT;
}
