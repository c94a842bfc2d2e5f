import * as z from "zod";
import { DataError } from "../../engine/mod.ts";
import { layerTypesByPattern } from "./layer_types.ts";
import { readRope } from "./rope.ts";
import { type RawConfig, rawConfig } from "./schema.ts";
import type { Gemma3Config, LayerType } from "./types.ts";

/** Settings that change the mathematics, and the only value of each that is computed here. */
const FIXED: Record<string, readonly unknown[]> = {
  attention_bias: [undefined, null, false],
  use_bidirectional_attention: [undefined, null, false],
  hidden_activation: [undefined, null, "gelu_pytorch_tanh"],
  quantization_config: [undefined, null],
};

/**
 * The configuration of a Gemma 3 text model from its config.json, in the spelling of transformers 4.50 to 4.57 or of
 * 5.x (`rope_parameters`, `dtype`). Missing `layer_types` follow the pattern: every 6th layer is full.
 *
 * @param path Where the JSON came from, for messages.
 * @throws {DataError} for another architecture, a setting that is not computed here, a value out of range, or
 * `layer_types` that disagree with `num_hidden_layers`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseConfig } from "./parse.ts";
 *
 * const config = parseConfig({
 *   model_type: "gemma3_text",
 *   vocab_size: 64,
 *   hidden_size: 32,
 *   intermediate_size: 48,
 *   num_hidden_layers: 7,
 *   num_attention_heads: 4,
 *   num_key_value_heads: 2,
 *   head_dim: 8,
 * }, "config.json");
 * assert.equal(config.layerTypes[5], "full_attention");
 * assert.equal(config.layerTypes[6], "sliding_attention");
 * ```
 */
export function parseConfig(json: unknown, path: string): Gemma3Config {
  const refuse = (reason: string) => new DataError(`Cannot use ${path}: ${reason}`, { path });
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw refuse("it is not a JSON object; give the config.json of a Gemma 3 text model");
  }
  const object = json as Record<string, unknown>;
  const unsupported = unsupportedReason(object);
  if (unsupported !== undefined) throw refuse(unsupported);
  const parsed = rawConfig.safeParse(object);
  if (!parsed.success) throw refuse(schemaReason(parsed.error));
  const raw = parsed.data;

  const rope = readRope(raw);
  if (typeof rope === "string") throw refuse(rope);
  if (raw.torch_dtype && raw.dtype && raw.torch_dtype !== raw.dtype) {
    throw refuse(`torch_dtype is ${raw.torch_dtype} and dtype is ${raw.dtype}; remove the wrong one`);
  }
  if (raw.num_attention_heads % raw.num_key_value_heads !== 0) {
    throw refuse(
      `num_attention_heads ${raw.num_attention_heads} is not a multiple of num_key_value_heads ` +
        `${raw.num_key_value_heads}; correct one of them`,
    );
  }
  if (raw.head_dim % 2 !== 0) {
    throw refuse(`head_dim ${raw.head_dim} is odd, and rotary embedding turns pairs; give an even one`);
  }
  const layerTypes = readLayerTypes(raw);
  if (layerTypes.length !== raw.num_hidden_layers) {
    throw refuse(
      `layer_types has ${layerTypes.length} entries and num_hidden_layers is ${raw.num_hidden_layers}; ` +
        `they must be equal, correct the wrong one`,
    );
  }
  return {
    vocabSize: raw.vocab_size,
    hiddenSize: raw.hidden_size,
    intermediateSize: raw.intermediate_size,
    numHiddenLayers: raw.num_hidden_layers,
    numAttentionHeads: raw.num_attention_heads,
    numKeyValueHeads: raw.num_key_value_heads,
    headDim: raw.head_dim,
    queryPreAttnScalar: raw.query_pre_attn_scalar,
    slidingWindow: raw.sliding_window,
    layerTypes,
    rmsNormEps: raw.rms_norm_eps,
    ...rope,
    attnLogitSoftcapping: raw.attn_logit_softcapping ?? null,
    finalLogitSoftcapping: raw.final_logit_softcapping ?? null,
    maxPositionEmbeddings: raw.max_position_embeddings,
    tieWordEmbeddings: raw.tie_word_embeddings,
    padTokenId: raw.pad_token_id,
    bosTokenId: raw.bos_token_id,
    eosTokenId: raw.eos_token_id,
    dtype: raw.dtype ?? raw.torch_dtype ?? "float32",
    raw: object,
  };
}

/** The pattern is `sliding_window_pattern` in transformers 4.50 and `_sliding_window_pattern` later. */
function readLayerTypes(raw: RawConfig): LayerType[] {
  const pattern = raw._sliding_window_pattern ?? raw.sliding_window_pattern ?? 6;
  return raw.layer_types ?? layerTypesByPattern(raw.num_hidden_layers, pattern);
}

function unsupportedReason(json: Record<string, unknown>): string | undefined {
  if (json.model_type !== "gemma3_text") {
    const type = JSON.stringify(json.model_type) ?? "missing";
    return `model_type is ${type} and only "gemma3_text" is supported; give a Gemma 3 text model`;
  }
  const { architectures } = json;
  if (Array.isArray(architectures) && !architectures.includes("Gemma3ForCausalLM")) {
    return `architectures is ${JSON.stringify(architectures)} and only "Gemma3ForCausalLM" is supported; ` +
      `give a Gemma 3 text model with its language-model head`;
  }
  for (const [key, allowed] of Object.entries(FIXED)) {
    if (!allowed.includes(json[key])) {
      const wanted = allowed.at(-1);
      return `${key} ${JSON.stringify(json[key])} is not supported, only ${JSON.stringify(wanted)}; ` +
        `give a model without it`;
    }
  }
  return undefined;
}

function schemaReason(error: z.ZodError): string {
  const [issue] = error.issues;
  const key = issue === undefined ? "a value" : issue.path.map(String).join(".");
  return `${key} is wrong (${issue?.message}); correct it`;
}
