/** GGUF: metadata, tensors and their dequantisation, as a Gemma 3 model in `transformers` terms; and such a model written. */
export type { GgufMetadata, GgufValue } from "./metadata.ts";
export { type GgufFile, openGguf } from "./open.ts";
export { WRITTEN_TYPES, type WrittenType } from "./encode.ts";
export { attentionFold, ggufTensors } from "./model_tensors.ts";
export { type ConfigMetadata, configToMetadata } from "./to_metadata.ts";
export { type GgufTensorToWrite, writeGguf } from "./write.ts";
export type { WritableMetadata, WritableValue } from "./write_metadata.ts";
