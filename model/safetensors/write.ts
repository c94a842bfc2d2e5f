import { ShapeError } from "../../engine/mod.ts";
import { streamFileAtomic } from "../files/mod.ts";
import { bytesPerValue, encode } from "./convert.ts";
import type { FloatDtype } from "./dtype.ts";
import { encodeHeader } from "./encode_header.ts";

/** A tensor to be written; `read` is called once, when its turn comes. */
export interface TensorToWrite {
  readonly name: string;
  readonly shape: readonly number[];
  /** The values, row-major. */
  read(): Promise<Float32Array<ArrayBuffer>>;
}

/** Values encoded at a time, so that a tensor in 16 bits is not held twice. */
const PIECE_VALUES = 1 << 22;

/**
 * Writes a safetensors file, tensor by tensor: only one tensor's float32 values are in memory at a time. The file
 * appears complete or not at all. `transformers` needs the metadata `format: pt` that is written.
 *
 * @param dtype Storage type of every tensor; values are rounded to nearest even.
 * @throws {ShapeError} when a tensor has not as many values as its shape says.
 * @throws {DataError} when the file system refuses.
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly TensorToWrite[],
  dtype: FloatDtype,
): Promise<void> {
  const header = encodeHeader(
    tensors.map(({ name, shape }) => ({
      ...{ name, dtype, shape },
      bytes: valueCount(shape) * bytesPerValue(dtype),
    })),
    { format: "pt" },
  );
  await streamFileAtomic(path, async (write) => {
    await write(header);
    for (const tensor of tensors) {
      const values = await readTensor(tensor);
      for (let at = 0; at < values.length; at += PIECE_VALUES) {
        await write(encode(values.subarray(at, at + PIECE_VALUES), dtype));
      }
    }
  });
}

/** The values of a tensor. @throws {ShapeError} when they are not as many as its shape says. */
export async function readTensor({ name, shape, read }: TensorToWrite): Promise<Float32Array<ArrayBuffer>> {
  const values = await read();
  if (values.length === valueCount(shape)) return values;
  throw new ShapeError(
    "write",
    `Cannot write tensor "${name}": its shape is [${
      shape.join(", ")
    }] and ${values.length} values were given`,
    [shape],
  );
}

function valueCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
