/** config.json of a Gemma 3 text model: read, write, prune, and what it implies. */
export { layerCountMismatch, PUBLISHED_DROP, repairDoublePop } from "./double_pop.ts";
export { GEMMA_3_270M } from "./gemma_3_270m.ts";
export { layerTypesByPattern } from "./layer_types.ts";
export { parseConfig } from "./parse.ts";
export { pruneConfig, survivingLayers } from "./prune.ts";
export { modelTensors, parameterCount, type TensorSpec } from "./tensors.ts";
export { configToJson } from "./to_json.ts";
export { configToText } from "./to_text.ts";
export type { Gemma3Config, LayerType, WeightDtype } from "./types.ts";
