/** The files of a tokenizer, as `transformers` names them. */
export const TOKENIZER_FILES = [
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  "chat_template.jinja",
] as const;

/** The weights of a model directory: one file, or an index of the files beside it. */
export const WEIGHTS = "model.safetensors", WEIGHTS_INDEX = "model.safetensors.index.json";
