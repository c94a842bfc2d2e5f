import { layerTypesByPattern } from "./layer_types.ts";
import type { Gemma3Config } from "./types.ts";

/**
 * config.json for a configuration: the old key names and the `rope_parameters` block of transformers 5, so that 4.55
 * and later load it. Unknown keys of the file it was read from are kept.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { configToJson, parseConfig } from "./mod.ts";
 *
 * const sizes = { vocab_size: 64, hidden_size: 32, intermediate_size: 48, head_dim: 8 };
 * const heads = { num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2 };
 * const config = parseConfig({ model_type: "gemma3_text", ...sizes, ...heads }, "config.json");
 * const { raw: _raw, ...again } = parseConfig(configToJson(config), "again.json");
 * assert.deepEqual({ ...again, raw: config.raw }, config);
 * ```
 */
export function configToJson(config: Gemma3Config): Record<string, unknown> {
  const scaled = config.ropeScalingFactor !== 1;
  const scaling = scaled ? { rope_type: "linear", factor: config.ropeScalingFactor } : null;
  return {
    ...keptKeys(config),
    architectures: ["Gemma3ForCausalLM"],
    model_type: "gemma3_text",
    vocab_size: config.vocabSize,
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_hidden_layers: config.numHiddenLayers,
    num_attention_heads: config.numAttentionHeads,
    num_key_value_heads: config.numKeyValueHeads,
    head_dim: config.headDim,
    query_pre_attn_scalar: config.queryPreAttnScalar,
    sliding_window: config.slidingWindow,
    layer_types: [...config.layerTypes],
    rms_norm_eps: config.rmsNormEps,
    hidden_activation: "gelu_pytorch_tanh",
    attention_bias: false,
    rope_theta: config.ropeTheta,
    rope_local_base_freq: config.ropeLocalBaseFreq,
    rope_scaling: scaling,
    rope_parameters: {
      full_attention: { rope_type: "default", ...scaling, rope_theta: config.ropeTheta },
      sliding_attention: { rope_type: "default", rope_theta: config.ropeLocalBaseFreq },
    },
    attn_logit_softcapping: config.attnLogitSoftcapping,
    final_logit_softcapping: config.finalLogitSoftcapping,
    max_position_embeddings: config.maxPositionEmbeddings,
    tie_word_embeddings: config.tieWordEmbeddings,
    pad_token_id: config.padTokenId,
    bos_token_id: config.bosTokenId,
    eos_token_id: config.eosTokenId,
    torch_dtype: config.dtype,
  };
}

/** `dtype` would contradict `torch_dtype`; a pattern that no longer holds would mislead readers that go by it. */
function keptKeys(config: Gemma3Config): Record<string, unknown> {
  const { dtype: _dtype, sliding_window_pattern, _sliding_window_pattern, ...kept } = config.raw;
  const pattern = _sliding_window_pattern ?? sliding_window_pattern;
  if (typeof pattern !== "number") return kept;
  const expected = layerTypesByPattern(config.numHiddenLayers, pattern);
  const holds = config.layerTypes.every((type, i) => type === expected[i]);
  return holds ? { ...kept, _sliding_window_pattern: pattern } : kept;
}
