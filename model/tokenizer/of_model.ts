import type { OpenedModel } from "../weights/mod.ts";
import { tokenizerFromGguf } from "./gguf.ts";
import { loadTokenizer } from "./load.ts";
import type { Tokenizer } from "./tokenizer.ts";

/**
 * The tokenizer of an opened model: of its directory (or the one named in its place), else the one inside a GGUF file, else
 * undefined. Ids without a row in the model's embedding are refused.
 *
 * @throws DataError for a malformed or unsupported tokenizer
 */
export async function tokenizerOf(
  { path, tokenizerDir, metadata, config }: Pick<
    OpenedModel,
    "path" | "tokenizerDir" | "metadata" | "config"
  >,
): Promise<Tokenizer | undefined> {
  if (tokenizerDir !== undefined) return await loadTokenizer(tokenizerDir, config.vocabSize);
  return metadata?.has("tokenizer.ggml.model")
    ? tokenizerFromGguf(metadata, path, config.vocabSize)
    : undefined;
}
