import { join, sep } from "node:path";
import { DataError } from "../../engine/mod.ts";
import { configToText, type Gemma3Config, type WeightDtype } from "../config/mod.ts";
import {
  isFile,
  readBytes,
  TOKENIZER_FILES,
  WEIGHTS,
  writeDirectoryAtomic,
  writeFileAtomic,
  writeJsonAtomic,
} from "../files/mod.ts";
import { type FloatDtype, type TensorToWrite, writeSafetensors } from "../safetensors/mod.ts";

const SAFETENSORS_DTYPE: Record<WeightDtype, FloatDtype> = {
  bfloat16: "BF16",
  float16: "F16",
  float32: "F32",
};

/** What a model directory is written from. */
export interface ModelToSave {
  config: Gemma3Config;
  /** Storage type of the weights; rounding is to nearest even. */
  dtype: WeightDtype;
  /** In the order of the file; each is read when its turn comes. */
  tensors: Iterable<TensorToWrite> | AsyncIterable<TensorToWrite>;
  /** Directory whose tokenizer files are copied. */
  tokenizerDir?: string | undefined;
  /** generation_config.json; by default the special ids of the configuration. */
  generationConfig?: Record<string, unknown> | undefined;
  /** Whether it takes the place of what stands there; default false. */
  replace?: boolean | undefined;
}

/**
 * Writes a model directory that `transformers` loads: config.json, generation_config.json, model.safetensors and the
 * tokenizer's files. The directory appears complete or not at all.
 *
 * @throws {DataError} when `directory` exists already and is not replaced, or the file system refuses.
 * @throws {ShapeError} when a tensor has not as many values as its shape says.
 */
export async function savePretrained(directory: string, model: ModelToSave): Promise<void> {
  const config = { ...model.config, dtype: model.dtype };
  const generation = model.generationConfig ?? {
    _from_model_config: true,
    bos_token_id: config.bosTokenId,
    eos_token_id: config.eosTokenId,
    pad_token_id: config.padTokenId,
  };
  const tensors = await Array.fromAsync(model.tensors);
  await writeDirectoryAtomic(directory, async (temporary) => {
    await writeFileAtomic(join(temporary, "config.json"), configToText(config));
    await writeJsonAtomic(join(temporary, "generation_config.json"), generation);
    if (model.tokenizerDir !== undefined) await copyTokenizer(model.tokenizerDir, temporary);
    await writeSafetensors(join(temporary, WEIGHTS), tensors, SAFETENSORS_DTYPE[model.dtype]);
  }, model.replace);
}

async function copyTokenizer(from: string, to: string): Promise<void> {
  for (const name of TOKENIZER_FILES) {
    const source = join(from, name);
    if (!await isFile(source)) continue;
    await requireOwn(from, source);
    await writeFileAtomic(join(to, name), await readBytes(source));
  }
}

/**
 * Links are followed where models are read, as the hub's cache is made of them, but a file that is copied unread must be
 * the directory's own or stand in the `blobs/` of that cache: a link could name any file of the machine.
 */
async function requireOwn(directory: string, source: string): Promise<void> {
  const own = await Deno.realPath(directory), real = await Deno.realPath(source);
  const blobs = join(own, "..", "..", "blobs");
  if ([own, blobs].some((place) => real.startsWith(place + sep))) return;
  throw new DataError(
    `Cannot copy ${source}: it is a link to ${real}, outside the model; put the file itself in its place`,
    { path: source },
  );
}
