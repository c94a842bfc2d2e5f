/** The tokenizer: text to ids and back, and as GGUF keeps it. */
export { encodeMany, type EncodeManyOptions } from "./encode_many.ts";
export { tokenizerFromGguf } from "./gguf.ts";
export { loadTokenizer, readTokenizerFiles, type TokenizerFiles } from "./load.ts";
export { tokenizerOf } from "./of_model.ts";
export { type TokenizerMetadata, tokenizerToMetadata } from "./to_gguf.ts";
export { createTokenizer, type Tokenizer, type TokenizerConfig } from "./tokenizer.ts";
