/** The tokenizer: text to ids and back. */
export { loadTokenizer } from "./load.ts";
export { createTokenizer, type Tokenizer, type TokenizerConfig } from "./tokenizer.ts";
