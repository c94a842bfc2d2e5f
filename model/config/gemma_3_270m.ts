import { parseConfig } from "./parse.ts";
import type { Gemma3Config } from "./types.ts";

/** The shape of google/gemma-3-270m, 268,098,176 parameters, from its config.json. */
export const GEMMA_3_270M: Gemma3Config = parseConfig({
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
}, "google/gemma-3-270m");
