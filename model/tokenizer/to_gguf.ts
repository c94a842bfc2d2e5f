/** A tokenizer.json of Gemma's kind as GGUF keeps it: tokens, scores and kinds. */
import { isDeepStrictEqual } from "node:util";
import { DataError } from "../../engine/mod.ts";
import type { WritableValue } from "../gguf/mod.ts";
import { checkTokenizerFile, type TokenizerFile } from "./check.ts";
import type { TokenizerFiles } from "./load.ts";
import { KIND, mergesOf, RUN, SPARE } from "./scores.ts";
import { createTokenizer, type Tokenizer } from "./tokenizer.ts";

/** Score of what no merge makes, as published files have it. */
const NO_SCORE = -1000;

const NORMALIZER = { type: "Replace", pattern: { String: " " }, content: "▁" };
const SPLIT = { type: "Split", pattern: { String: " " } };

/** Metadata of a tokenizer, and what a person should know of it, a sentence each. */
export interface TokenizerMetadata {
  readonly metadata: Map<string, WritableValue>;
  readonly notes: string[];
}

/**
 * The metadata of a tokenizer, one token for each row of the embedding: rows without a token get a name that no text
 * has. A runtime merges where it finds a token, by the score of what it makes; where the merges of the file say
 * otherwise, ids can differ, and that is told.
 *
 * @param vocabSize rows of the embedding; tokens beyond are left out
 * @param eosId the id that ends a text, where it is not the tokenizer's
 * @throws DataError for a malformed file, or one that is not of Gemma's kind
 */
export function tokenizerToMetadata(
  { file, config, path }: TokenizerFiles,
  vocabSize: number,
  eosId?: number,
): TokenizerMetadata {
  const refuse = (problem: string) =>
    new DataError(`Cannot write the tokenizer of ${path} as GGUF: ${problem}; give that of a Gemma model`, {
      path,
    });
  const tokenizer = createTokenizer(file, config, { path, vocabSize }),
    checked = checkTokenizerFile(file, path);
  if (!isDeepStrictEqual(checked.normalizer, NORMALIZER)) {
    throw refuse('it does not replace " " by "▁" alone');
  }
  const { type, pattern } = (checked.pre_tokenizer ?? SPLIT) as Record<string, unknown>;
  if (!isDeepStrictEqual({ type, pattern }, SPLIT)) throw refuse("it splits texts at more than spaces");
  if (checked.model.byte_fallback !== true) throw refuse("it does not fall back to bytes");

  const { tokens, kinds } = tokensOf(checked, vocabSize);
  const broken = tokens.find((token) => !token.isWellFormed());
  if (broken !== undefined) throw refuse(`its token ${JSON.stringify(broken)} is not Unicode`);
  const scores = scoresOf(tokens, kinds, checked), unlisted = unlistedMerges(tokens, scores, checked);
  const metadata = new Map<string, WritableValue>([
    ["tokenizer.ggml.model", "llama"],
    ["tokenizer.ggml.pre", "default"],
    ["tokenizer.ggml.tokens", tokens.map((token, id) => spelled(token, kinds[id]!))],
    ["tokenizer.ggml.scores", scores],
    ["tokenizer.ggml.token_type", kinds],
    ...idsOf(tokenizer, checked, eosId),
    ["tokenizer.ggml.add_space_prefix", false],
  ]);
  return {
    metadata,
    notes: unlisted === 0 ? [] : [
      `GGUF keeps a score for each token in place of merges, and those of ${path} are not in the order of any scores or ` +
      `leave out ways to part a token (${unlisted}): other runtimes may give other ids for some texts`,
    ],
  };
}

function tokensOf({ model, added_tokens: added = [] }: TokenizerFile, vocabSize: number) {
  const tokens = Array.from({ length: vocabSize }, (_, id) => `[PAD${id}]`);
  const kinds = new Int32Array(vocabSize).fill(KIND.unused);
  const put = (id: number, token: string, kind: number) => {
    if (id >= vocabSize) return;
    tokens[id] = token;
    kinds[id] = kind;
  };
  for (const [token, id] of Object.entries(model.vocab)) {
    put(id, token, /^<0x[0-9A-F]{2}>$/.test(token) ? KIND.byte : KIND.normal);
  }
  for (const { id, content, special } of added) {
    put(id, content, special || SPARE.test(content) ? KIND.control : KIND.userDefined);
  }
  return { tokens, kinds };
}

/** Runs of spaces are recognised in the text itself, which has spaces. */
function spelled(token: string, kind: number): string {
  return kind === KIND.userDefined && /^▁+$/.test(token) ? token.replaceAll("▁", " ") : token;
}

/** What merges make, in their order, without runs, which come first in any order. */
function* made({ model: { merges } }: TokenizerFile): Generator<string> {
  for (const merge of merges) {
    const token = typeof merge === "string" ? merge.replace(" ", "") : merge.join("");
    if (!RUN.test(token)) yield token;
  }
}

/** Less for each token that a merge makes, in the order in which merges first make them; then for all others. */
function scoresOf(
  tokens: readonly string[],
  kinds: Int32Array,
  file: TokenizerFile,
): Float32Array<ArrayBuffer> {
  const ranks = new Map<string, number>();
  for (const token of made(file)) if (!ranks.has(token)) ranks.set(token, ranks.size);
  return Float32Array.from(tokens, (token, id) => {
    if (kinds[id] === KIND.byte) return 0;
    if (kinds[id] !== KIND.normal) return NO_SCORE;
    return -(ranks.get(token) ?? ranks.size + id);
  });
}

/** How many merges scores add to those of the file, or put in another place. */
function unlistedMerges(tokens: readonly string[], scores: Float32Array, file: TokenizerFile): number {
  const { vocab, merges } = file.model;
  let before = Infinity, astray = 0;
  for (const token of made(file)) {
    const score = scores[vocab[token]!] ?? before;
    if (score > before) astray++;
    before = score;
  }
  return astray + mergesOf(tokens, scores).length - merges.length;
}

function idsOf(
  tokenizer: Tokenizer,
  { model }: TokenizerFile,
  eosId = tokenizer.eosId,
): [string, WritableValue][] {
  const around = tokenizer.encode(""), { bosId, padId } = tokenizer;
  const unknown = typeof model.unk_token === "string" ? model.vocab[model.unk_token] : undefined;
  const ids = { bos: bosId, eos: eosId, unknown, padding: padId };
  return [
    ...Object.entries(ids).flatMap(([name, id]): [string, WritableValue][] =>
      id === undefined ? [] : [[`tokenizer.ggml.${name}_token_id`, id]]
    ),
    ["tokenizer.ggml.add_bos_token", bosId !== undefined && around[0] === bosId],
    ["tokenizer.ggml.add_eos_token", around.length > 0 && around.at(-1) === tokenizer.eosId],
  ];
}
