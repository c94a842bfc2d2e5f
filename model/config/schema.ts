import * as z from "zod";

/** Sizes of any model stay far below; what is larger would be asked for as memory before a tensor contradicts it. */
const count = z.int().positive().max(2 ** 31 - 1);
const layerCount = count.max(10_000);
const positive = z.number().positive();
const softcap = positive.nullish();
const tokenId = z.int().nonnegative();

const ropeBlock = z.looseObject({
  rope_type: z.string().optional(),
  /** Spelling before transformers 4.43. */
  type: z.string().optional(),
  factor: positive.optional(),
  rope_theta: positive.optional(),
});

/** One rotary block: its type, its base and its scaling factor. */
export type RopeBlock = z.infer<typeof ropeBlock>;

const layerType = z.enum(["full_attention", "sliding_attention"]);
const dtype = z.enum(["bfloat16", "float16", "float32"]);

/**
 * config.json of a Gemma 3 text model in the spellings of transformers 4.50 to 5.x. Sizes must be given; the rest has
 * the defaults of `Gemma3TextConfig`.
 */
export const rawConfig = z.looseObject({
  vocab_size: count,
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: layerCount,
  num_attention_heads: count,
  num_key_value_heads: count,
  head_dim: count.default(256),
  query_pre_attn_scalar: positive.default(256),
  sliding_window: count.default(4096),
  layer_types: z.array(layerType).nullish(),
  sliding_window_pattern: count.optional(),
  _sliding_window_pattern: count.optional(),
  rms_norm_eps: positive.default(1e-6),
  rope_theta: positive.optional(),
  rope_local_base_freq: positive.optional(),
  rope_scaling: ropeBlock.nullish(),
  rope_parameters: z.looseObject({
    full_attention: ropeBlock.nullish(),
    sliding_attention: ropeBlock.nullish(),
  }).nullish(),
  attn_logit_softcapping: softcap,
  final_logit_softcapping: softcap,
  max_position_embeddings: count.default(131072),
  tie_word_embeddings: z.boolean().default(true),
  pad_token_id: tokenId.nullable().default(0),
  bos_token_id: tokenId.nullable().default(2),
  eos_token_id: z.union([tokenId, z.array(tokenId).min(1)]).nullable().default(1),
  torch_dtype: dtype.nullish(),
  dtype: dtype.nullish(),
});

/** config.json as read: checked, defaults filled in, both spellings still side by side. */
export type RawConfig = z.infer<typeof rawConfig>;
