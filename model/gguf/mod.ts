/** GGUF: metadata, tensors and their dequantisation, as a Gemma 3 model in `transformers` terms. */
export type { GgufMetadata, GgufValue } from "./metadata.ts";
export { type GgufFile, openGguf } from "./open.ts";
