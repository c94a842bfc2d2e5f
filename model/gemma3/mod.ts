/** Gemma 3 on the engine: parameters, forward pass, logits. */
export type { Places, Remember } from "./attention.ts";
export { extendCacheEntry } from "./cache/mod.ts";
export {
  cacheBytes,
  createDecoder,
  type DecoderOptions,
  type Gemma3Decoder,
  recordPrefill,
} from "./decoder.ts";
export { forward, type Gemma3, type Recompute, type Taps } from "./forward.ts";
export {
  type BatchInputs,
  declareBatch,
  declareGemma3,
  loadGemma3,
  type LoadOptions,
  releaseGemma3,
  uploadPlaces,
} from "./load.ts";
export type { Packing } from "./packing.ts";
export { widestActivation, type Widths } from "./width.ts";
export { saveGemma3, type SaveOptions } from "./save.ts";
export { columnsFrom, positionChunks, vocabularyLogits } from "./logits.ts";
export {
  type Arena,
  type BlockWeights,
  type HeldDtype,
  layOut,
  type Parameters,
  type ReadParameter,
  slotsOf,
  uploadParameters,
} from "./parameters.ts";
