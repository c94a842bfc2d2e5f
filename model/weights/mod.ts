/** Models on disk: open one, whatever its format, and save one as `transformers` reads it. */
export type { TensorInfo, WeightSource } from "../files/mod.ts";
export type { TensorToWrite } from "../safetensors/mod.ts";
export { type OpenedModel, openModel, type OpenOptions } from "./open.ts";
export { type ModelToSave, savePretrained } from "./save.ts";
