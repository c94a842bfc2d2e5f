/** safetensors: checked reading of single tensors, shards, and streamed writing. */
export { decodeInto, encode } from "./convert.ts";
export type { FloatDtype } from "./dtype.ts";
export { openSafetensors, type SafetensorsFile } from "./read.ts";
export { openSafetensorsDirectory } from "./read_directory.ts";
export { openSealed, type SealedFile, type SealedTensor, writeSealed } from "./sealed.ts";
export { readTensor, type TensorToWrite, writeSafetensors } from "./write.ts";
