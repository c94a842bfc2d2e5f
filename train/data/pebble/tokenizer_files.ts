import { type Bpe, pieces, trainBpe } from "./bpe.ts";
import { pebbleDocuments, pebbleSplit } from "./documents.ts";

/** Rows of the vocabulary, and so of the embedding: a multiple of 16. */
export const VOCABULARY_SIZE = 1024;

/** The first ids, as Gemma has them. */
const SPECIAL_TOKENS = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"];
const TRAINING_DOCUMENTS = 20_000;

/** The three files of a Gemma-style tokenizer, by name, as text. */
export function makeTokenizerFiles(): Record<string, string> {
  const bytes = Array.from({ length: 256 }, (_, byte) => byteToken(byte));
  const counts = countPieces();
  const characterCount = new Set([...counts.keys()].join("")).size;
  const mergeCount = VOCABULARY_SIZE - SPECIAL_TOKENS.length - bytes.length - characterCount;
  const bpe = trainBpe(counts, mergeCount);
  const tokens = [...SPECIAL_TOKENS, ...bytes, ...bpe.characters, ...bpe.merges.map((pair) => pair.join(""))];
  const print = (value: unknown) => `${JSON.stringify(value, null, 1)}\n`;
  return {
    "tokenizer.json": print(tokenizerJson(tokens, bpe)),
    "tokenizer_config.json": print(tokenizerConfig()),
    "special_tokens_map.json": print(specialTokensMap()),
  };
}

function byteToken(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
}

function countPieces(): Map<string, number> {
  const { seed, accepts } = pebbleSplit("pretrain");
  const counts = new Map<string, number>();
  for (const { text } of pebbleDocuments({ seed, accepts, count: TRAINING_DOCUMENTS })) {
    for (const piece of pieces(text.replaceAll(" ", "▁"))) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  }
  return counts;
}

/** The layout of Gemma's own tokenizer.json: every space becomes `▁`, and merges run over the whole text. */
function tokenizerJson(tokens: readonly string[], { merges }: Bpe) {
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: SPECIAL_TOKENS.map((content, id) => ({ id, ...addedToken(content), special: true })),
    normalizer: { type: "Replace", pattern: { String: " " }, content: "▁" },
    pre_tokenizer: { type: "Split", pattern: { String: " " }, behavior: "MergedWithPrevious", invert: false },
    post_processor: {
      type: "TemplateProcessing",
      single: [{ SpecialToken: { id: "<bos>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
      pair: [
        { SpecialToken: { id: "<bos>", type_id: 0 } },
        { Sequence: { id: "A", type_id: 0 } },
        { SpecialToken: { id: "<bos>", type_id: 1 } },
        { Sequence: { id: "B", type_id: 1 } },
      ],
      special_tokens: { "<bos>": { id: "<bos>", ids: [2], tokens: ["<bos>"] } },
    },
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
      dropout: null,
      unk_token: "<unk>",
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  };
}

function addedToken(content: string) {
  return { content, single_word: false, lstrip: false, rstrip: false, normalized: false };
}

function tokenizerConfig() {
  return {
    add_bos_token: true,
    add_eos_token: false,
    added_tokens_decoder: Object.fromEntries(
      SPECIAL_TOKENS.map((content, id) => [String(id), { ...addedToken(content), special: true }]),
    ),
    bos_token: "<bos>",
    clean_up_tokenization_spaces: false,
    eos_token: "<eos>",
    mask_token: "<mask>",
    model_max_length: 128,
    pad_token: "<pad>",
    padding_side: "left",
    sp_model_kwargs: null,
    spaces_between_special_tokens: false,
    tokenizer_class: "GemmaTokenizer",
    unk_token: "<unk>",
    use_default_system_prompt: false,
  };
}

function specialTokensMap() {
  return Object.fromEntries(
    (["bos", "eos", "mask", "pad", "unk"] as const).map((name) => [`${name}_token`, addedToken(`<${name}>`)]),
  );
}
