import { type Gemma3Config, layerTypesByPattern } from "../config/mod.ts";
import type { WrittenType } from "./encode.ts";
import type { WritableValue } from "./write_metadata.ts";

/** What llama.cpp takes for the local rotary base where the file says nothing, and its older versions always. */
const USUAL_LOCAL_BASE = 10000;

/** `general.file_type`, by the type of the matrices (`llama_ftype`). */
const FILE_TYPE: Readonly<Record<WrittenType, number>> = { F32: 0, F16: 1, Q8_0: 7, BF16: 32 };

/** Version of the block layouts (`GGML_QNT_VERSION`). */
const QUANTIZATION_VERSION = 2;

/** The metadata of a configuration, and what a person should know of it, a sentence each. */
export interface ConfigMetadata {
  readonly metadata: Map<string, WritableValue>;
  readonly notes: string[];
}

/**
 * A configuration as llama.cpp reads it. Attention types that are not Gemma 3's pattern go into
 * `attention.sliding_window_pattern`, a truth value a block: newer versions follow it, older ones ignore it, and that is
 * told. The attention scale is not in the metadata: see `attentionFold`.
 */
export function configToMetadata(config: Gemma3Config, name: string, type: WrittenType): ConfigMetadata {
  const { layerTypes } = config, notes: string[] = [];
  const metadata = new Map<string, WritableValue>([
    ["general.architecture", "gemma3"],
    ["general.type", "model"],
    ["general.name", name],
    ["general.file_type", FILE_TYPE[type]],
    ["general.quantization_version", QUANTIZATION_VERSION],
  ]);
  const set = (key: string, value: WritableValue) => metadata.set(`gemma3.${key}`, value);
  set("context_length", config.maxPositionEmbeddings);
  set("embedding_length", config.hiddenSize);
  set("block_count", config.numHiddenLayers);
  set("feed_forward_length", config.intermediateSize);
  set("attention.head_count", config.numAttentionHeads);
  set("attention.head_count_kv", config.numKeyValueHeads);
  set("attention.layer_norm_rms_epsilon", { f32: config.rmsNormEps });
  set("attention.key_length", config.headDim);
  set("attention.value_length", config.headDim);
  set("attention.sliding_window", config.slidingWindow);
  set("rope.freq_base", { f32: config.ropeTheta });
  set("rope.freq_base_swa", { f32: config.ropeLocalBaseFreq });
  if (config.ropeScalingFactor !== 1) {
    set("rope.scaling.type", "linear");
    set("rope.scaling.factor", { f32: config.ropeScalingFactor });
  }
  if (config.attnLogitSoftcapping !== null) {
    set("attn_logit_softcapping", { f32: config.attnLogitSoftcapping });
  }
  if (config.finalLogitSoftcapping !== null) {
    set("final_logit_softcapping", { f32: config.finalLogitSoftcapping });
  }
  const pattern = layerTypesByPattern(layerTypes.length);
  const astray = layerTypes.flatMap((type, block) => type === pattern[block] ? [] : [block]);
  if (astray.length > 0) {
    set("attention.sliding_window_pattern", layerTypes.map((type) => type === "sliding_attention"));
    notes.push(
      `Gemma 3's pattern (every 6th block full) is not this model's: ${
        astray.length === 1 ? "block" : "blocks"
      } ${astray.join(", ")} ${
        astray.length === 1 ? "has" : "have"
      } the other type. The file lists the types, ` +
        "which llama.cpp v0.5.0 reads; versions that do not read a list compute these blocks wrongly and say nothing. " +
        "prune --keep-pattern chooses blocks for them",
    );
  }
  if (config.ropeLocalBaseFreq !== USUAL_LOCAL_BASE) {
    notes.push(
      `The rotary base of sliding blocks is ${config.ropeLocalBaseFreq}: versions of llama.cpp that do not read ` +
        `rope.freq_base_swa take ${USUAL_LOCAL_BASE} and compute the model wrongly`,
    );
  }
  return { metadata, notes };
}
