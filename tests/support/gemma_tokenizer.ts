/** The published Gemma 3 tokenizer, where that file stands beside the repository. */
import { createTokenizer, type Tokenizer, type TokenizerConfig } from "../../model/tokenizer/mod.ts";
import { readGzip } from "./gunzip.ts";
import { sharedPath } from "./shared.ts";

/** What the name of a test says where the tokenizer is absent and the test is ignored; else nothing. */
export const withoutGemma = sharedPath("data/gemma3/tokenizer.json.gz") === undefined
  ? " (skipped: the Gemma 3 tokenizer is absent)"
  : "";

let files: Promise<[unknown, TokenizerConfig]> | undefined;
const made = new Map<number | undefined, Tokenizer>();

/** The tokenizer, for a model with so many rows where given; made once. */
export async function gemmaTokenizer(vocabSize?: number): Promise<Tokenizer> {
  const read = async (name: string) => JSON.parse(await readGzip(sharedPath(`data/gemma3/${name}.json.gz`)!));
  const [file, config] = await (files ??= Promise.all([read("tokenizer"), read("tokenizer_config")]));
  const known = made.get(vocabSize) ?? createTokenizer(file, config, { path: "tokenizer.json", vocabSize });
  made.set(vocabSize, known);
  return known;
}
