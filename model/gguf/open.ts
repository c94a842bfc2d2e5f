import { DataError } from "../../engine/mod.ts";
import type { Gemma3Config } from "../config/mod.ts";
import { openRandomAccess, type RandomAccessFile, type WeightSource } from "../files/mod.ts";
import { configFromMetadata } from "./config.ts";
import { cursorOf, Malformed } from "./cursor.ts";
import { DEQUANTIZE } from "./dequantize.ts";
import { type GgufMetadata, readMetadata } from "./metadata.ts";
import { isNorm, transformersName } from "./names.ts";
import { checkPlacement, type GgufTensor, readTensors } from "./tensors.ts";

const MAGIC = 0x46554747; // "GGUF", little-endian
const DEFAULT_ALIGNMENT = 32;
/** Stored bytes dequantised at a time, about. */
const PIECE_BYTES = 1 << 24;

/** An open GGUF file; its tensors have their `transformers` names, shapes and values. */
export interface GgufFile extends WeightSource {
  readonly config: Gemma3Config;
  readonly metadata: GgufMetadata;
}

/** Tensors by their GGUF names, values as stored. */
interface Contents {
  readonly metadata: GgufMetadata;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
  readonly dataStart: number;
}

/**
 * Opens a Gemma 3 model in GGUF (versions 2 and 3), checking everything that precedes the tensors' values. Norm
 * weights are given zero-centred, as in `transformers`: GGUF stores 1 + w.
 *
 * @throws {DataError} for a file that cannot be read, is malformed, or holds another architecture.
 */
export async function openGguf(path: string): Promise<GgufFile> {
  const file = await openRandomAccess(path);
  try {
    const { metadata, tensors, dataStart } = readContents(file);
    const byName = new Map([...tensors.values()].map((tensor) => [transformersName(tensor.name), tensor]));
    const tensorOf = (name: string): GgufTensor => {
      const tensor = byName.get(name);
      if (tensor !== undefined) return tensor;
      throw new DataError(
        `Cannot read tensor "${name}" of ${path}: there is none of that name; check the model`,
        {
          path,
        },
      );
    };
    const vocabSize = byName.get("model.embed_tokens.weight")?.shape[0];
    if (vocabSize === undefined) {
      throw new DataError(
        `Cannot use ${path}: it has no tensor "token_embd.weight"; give a Gemma 3 text model`,
        { path },
      );
    }
    return {
      config: configFromMetadata(metadata, vocabSize, path),
      metadata,
      names: () => [...byName.keys()],
      info: (name) => ({ dtype: tensorOf(name).type.name, shape: tensorOf(name).shape }),
      // deno-lint-ignore require-await
      readF32: async (name) => {
        const values = readValues(file, dataStart, tensorOf(name));
        return isNorm(name) ? values.map((value) => value - 1) : values;
      },
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

function readContents(file: RandomAccessFile): Contents {
  try {
    const cursor = cursorOf(file);
    if (cursor.u32() !== MAGIC) throw new Malformed('it does not begin with "GGUF"');
    const version = cursor.u32();
    if (version !== 2 && version !== 3) {
      throw new Malformed(`its version is ${version}, and 2 and 3 are read`);
    }
    const tensorCount = cursor.u64("the number of tensors");
    const metadata = readMetadata(cursor, cursor.u64("the number of metadata keys"));
    const tensors = readTensors(cursor, tensorCount);
    const alignment = metadata.get("general.alignment") ?? DEFAULT_ALIGNMENT;
    if (typeof alignment !== "number" || alignment < 1 || (alignment & (alignment - 1)) !== 0) {
      throw new Malformed(`general.alignment is ${alignment}, no power of two`);
    }
    const dataStart = Math.ceil(cursor.position() / alignment) * alignment;
    checkPlacement(tensors.values(), Math.max(0, file.size - dataStart), alignment);
    return { metadata, tensors, dataStart };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new DataError(
      `Cannot read ${file.path}: ${error.message}; it is damaged or not a GGUF file of a supported kind, ` +
        `fetch or convert it again`,
      { path: file.path },
    );
  }
}

function readValues(
  file: RandomAccessFile,
  dataStart: number,
  tensor: GgufTensor,
): Float32Array<ArrayBuffer> {
  const { type: { name, block, bytes: blockBytes }, offset, bytes } = tensor;
  const values = new Float32Array(bytes / blockBytes * block);
  const piece = new Uint8Array(Math.min(bytes, Math.floor(PIECE_BYTES / blockBytes) * blockBytes));
  for (let done = 0; done < bytes; done += piece.length) {
    const stored = piece.subarray(0, Math.min(piece.length, bytes - done));
    file.readInto(stored, dataStart + offset + done);
    const first = done / blockBytes * block;
    DEQUANTIZE[name]!(stored, values.subarray(first, first + stored.length / blockBytes * block));
  }
  return values;
}
