import { type Gemma3Config, parseConfig } from "../model/config/mod.ts";
import { pebbleConfig } from "../train/pretrain.ts";

/** A teacher and the blocks that its student lacks; which ones does not change the speed. */
export interface Pair {
  readonly config: Gemma3Config;
  readonly drop: readonly number[];
}

/** Pebble's teacher, of whose 18 blocks the preset removes 4. */
export const PEBBLE: Pair = { config: pebbleConfig(1024), drop: [10, 11, 12, 13] };

/** The shape of google/gemma-3-270m, 268,098,176 parameters, and what the published recipe removes. */
export const GEMMA_270M: Pair = {
  config: parseConfig({
    architectures: ["Gemma3ForCausalLM"],
    model_type: "gemma3_text",
    vocab_size: 262144,
    hidden_size: 640,
    intermediate_size: 2048,
    num_hidden_layers: 18,
    num_attention_heads: 4,
    num_key_value_heads: 1,
    head_dim: 256,
    query_pre_attn_scalar: 256,
    hidden_activation: "gelu_pytorch_tanh",
    max_position_embeddings: 32768,
    rms_norm_eps: 1e-6,
    rope_theta: 1e6,
    rope_local_base_freq: 1e4,
    sliding_window: 512,
    _sliding_window_pattern: 6,
    tie_word_embeddings: true,
    pad_token_id: 0,
    eos_token_id: 1,
    bos_token_id: 2,
    torch_dtype: "bfloat16",
  }, "google/gemma-3-270m"),
  drop: [9, 8, 14, 16],
};
