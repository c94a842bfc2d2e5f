/** A tokenizer.json of Gemma's kind, small enough to change by hand. */
export interface TokenizerJson {
  version?: string;
  added_tokens: { id: number; content: string; special: boolean; normalized: boolean }[];
  normalizer: unknown;
  pre_tokenizer: unknown;
  post_processor: unknown;
  decoder: unknown;
  model: {
    type: string;
    vocab: Record<string, number>;
    merges: unknown[];
    byte_fallback: boolean;
    fuse_unk: boolean;
    unk_token: string;
  };
}

/** Ids: 0 to 3 special, 4 to 259 bytes, then letters, `▁` and the merges "he", "lo" and "▁he". */
export function smallTokenizer(): TokenizerJson {
  const special = ["<pad>", "<eos>", "<bos>", "<unk>"];
  const bytes = Array.from({ length: 256 }, (_, b) => `<0x${b.toString(16).toUpperCase().padStart(2, "0")}>`);
  const tokens = [...special, ...bytes, ..."helo▁wrd!", "he", "lo", "▁he"];
  return {
    version: "1.0",
    added_tokens: special.map((content, id) => ({ id, content, special: true, normalized: false })),
    normalizer: { type: "Replace", pattern: { String: " " }, content: "▁" },
    pre_tokenizer: { type: "Split", pattern: { String: " " }, behavior: "MergedWithPrevious", invert: false },
    post_processor: {
      type: "TemplateProcessing",
      single: [{ SpecialToken: { id: "<bos>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
      pair: [],
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
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: [["h", "e"], ["l", "o"], ["▁", "he"]],
      byte_fallback: true,
      fuse_unk: true,
      unk_token: "<unk>",
    },
  };
}
