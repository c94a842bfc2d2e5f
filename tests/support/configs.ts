/** config.json of a Gemma 3 270M text model as transformers 4.55 spells it; `changes` overrides or, if undefined, removes. */
export function gemma270mJson(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    _sliding_window_pattern: 6,
    architectures: ["Gemma3ForCausalLM"],
    attention_bias: false,
    attention_dropout: 0.0,
    attn_logit_softcapping: null,
    bos_token_id: 2,
    eos_token_id: 1,
    final_logit_softcapping: null,
    head_dim: 256,
    hidden_activation: "gelu_pytorch_tanh",
    hidden_size: 640,
    initializer_range: 0.02,
    intermediate_size: 2048,
    max_position_embeddings: 32768,
    model_type: "gemma3_text",
    num_attention_heads: 4,
    num_hidden_layers: 18,
    num_key_value_heads: 1,
    pad_token_id: 0,
    query_pre_attn_scalar: 256,
    rms_norm_eps: 1e-6,
    rope_local_base_freq: 10000,
    rope_scaling: null,
    rope_theta: 1000000,
    sliding_window: 512,
    torch_dtype: "bfloat16",
    use_cache: true,
    vocab_size: 262144,
    ...changes,
  };
}

/** A model of the same shape that is small enough to write in a test: `layers` layers, 2 heads of width 4. */
export function tinyJson(layers = 2, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return gemma270mJson({
    vocab_size: 11,
    hidden_size: 6,
    intermediate_size: 10,
    num_attention_heads: 2,
    num_hidden_layers: layers,
    head_dim: 4,
    query_pre_attn_scalar: 4,
    sliding_window: 5,
    torch_dtype: "float32",
    ...changes,
  });
}
