/** The tokenizer inside a GGUF file of a Gemma model, as a tokenizer.json. */
import { DataError } from "../../engine/mod.ts";
import type { GgufMetadata } from "../gguf/mod.ts";
import { KIND, mergesOf, SPARE } from "./scores.ts";
import { createTokenizer, type Tokenizer } from "./tokenizer.ts";

/** Longer tokens than any vocabulary has; the work for a token grows with the square of its length. */
const LONGEST_TOKEN = 256;

/**
 * Builds the tokenizer that the metadata of a GGUF file describes.
 *
 * GGUF keeps Gemma's vocabulary with SentencePiece scores but without merges. A merge is any way to part a token into two
 * others, and its rank is the token's score; runs of white space, which have no score, come first, longest left part first.
 * That is how the published tokenizer.json was made, and encoding agrees with it.
 *
 * @throws DataError where the metadata has no tokenizer, or one of another kind
 */
export function tokenizerFromGguf(metadata: GgufMetadata, path: string, vocabSize?: number): Tokenizer {
  const refuse = (problem: string) =>
    new DataError(`Cannot use the tokenizer of ${path}: ${problem}; name a directory with --tokenizer`, {
      path,
    });
  const model = metadata.get("tokenizer.ggml.model");
  if (model !== "llama") {
    throw refuse(model === undefined ? "there is none" : `it is of the kind ${String(model)}`);
  }
  const stored = metadata.get("tokenizer.ggml.tokens");
  const scores = metadata.get("tokenizer.ggml.scores");
  const types = metadata.get("tokenizer.ggml.token_type");
  if (!isStrings(stored) || !(scores instanceof Float32Array) || !(types instanceof Int32Array)) {
    throw refuse("it has no list of tokens, scores or types");
  }
  if (scores.length !== stored.length || types.length !== stored.length) {
    throw refuse("its tokens, scores and types differ in number");
  }
  const long = stored.find((token) => token.length > LONGEST_TOKEN);
  if (long !== undefined) throw refuse(`it has a token of ${long.length} characters`);

  const tokens = stored.map((token) => /^ +$/.test(token) ? token.replaceAll(" ", "▁") : token);
  const tokenOf = (key: string) => tokens[Number(metadata.get(`tokenizer.ggml.${key}`) ?? -1)];
  const config = {
    bos_token: tokenOf("bos_token_id"),
    eos_token: tokenOf("eos_token_id"),
    pad_token: tokenOf("padding_token_id"),
  };
  const addsBos = metadata.get("tokenizer.ggml.add_bos_token") !== false && config.bos_token !== undefined;
  const added = tokens.flatMap((content, id) =>
    types[id] === KIND.control || types[id] === KIND.userDefined
      ? [{ id, content, special: types[id] === KIND.control && !SPARE.test(content), normalized: false }]
      : []
  );
  const file = {
    added_tokens: added,
    normalizer: { type: "Replace", pattern: { String: " " }, content: "▁" },
    pre_tokenizer: null,
    post_processor: addsBos ? template(config.bos_token!) : null,
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: "▁" }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
      ],
    },
    model: {
      type: "BPE",
      byte_fallback: true,
      fuse_unk: true,
      unk_token: tokenOf("unknown_token_id") ?? null,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: mergesOf(tokens, scores),
    },
  };
  return createTokenizer(file, config, { path, vocabSize });
}

function template(bos: string) {
  return {
    type: "TemplateProcessing",
    single: [{ SpecialToken: { id: bos, type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
    pair: [],
    special_tokens: {},
  };
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
