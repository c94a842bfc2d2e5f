/** The tokenizer: text to ids and back. */
export { encodeMany, type EncodeManyOptions } from "./encode_many.ts";
export { tokenizerFromGguf } from "./gguf.ts";
export { loadTokenizer } from "./load.ts";
export { tokenizerOf } from "./of_model.ts";
export { createTokenizer, type Tokenizer, type TokenizerConfig } from "./tokenizer.ts";
