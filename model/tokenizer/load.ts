/** Reads the tokenizer of a model directory. */
import { join } from "node:path";
import { DataError } from "../../engine/mod.ts";
import { isFile, readJson } from "../files/mod.ts";
import { createTokenizer, type Tokenizer, type TokenizerConfig } from "./tokenizer.ts";

/**
 * Loads `tokenizer.json` and, where it stands, `tokenizer_config.json` from a directory.
 *
 * @param vocabSize rows of the model's embedding; ids at or above it are refused (Gemma's image token 262144)
 * @throws DataError for a missing, malformed or unsupported file
 */
export async function loadTokenizer(directory: string, vocabSize?: number): Promise<Tokenizer> {
  const { file, config, path } = await readTokenizerFiles(directory);
  return createTokenizer(file, config, { path, vocabSize });
}

/** The files of a tokenizer, parsed; `path` is that of tokenizer.json. */
export interface TokenizerFiles {
  readonly file: unknown;
  readonly config: TokenizerConfig;
  readonly path: string;
}

/** Reads what {@linkcode loadTokenizer} builds on. @throws DataError for a missing or malformed file */
export async function readTokenizerFiles(directory: string): Promise<TokenizerFiles> {
  const path = join(directory, "tokenizer.json");
  if (!await isFile(path)) {
    throw new DataError(
      `Cannot load a tokenizer from ${directory}: it has no tokenizer.json; give a directory that has one with --tokenizer`,
      { path },
    );
  }
  return { file: await readJson(path), config: await readConfig(directory), path };
}

async function readConfig(directory: string): Promise<TokenizerConfig> {
  const path = join(directory, "tokenizer_config.json");
  if (!await isFile(path)) return {};
  const config = await readJson(path);
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw new DataError(`Cannot use ${path}: it is not a JSON object; restore it or remove it`, { path });
  }
  return config as TokenizerConfig;
}
