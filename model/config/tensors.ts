import type { Gemma3Config } from "./types.ts";

/** A tensor that a configuration implies. */
export interface TensorSpec {
  /** Its name in a `transformers` checkpoint. */
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * Every tensor of the model in the order of the forward pass, the tied head stored once as the embedding. Matrices are
 * `[out, in]`; norm weights w are zero-centred (the model multiplies by 1 + w).
 */
export function modelTensors(config: Gemma3Config): TensorSpec[] {
  const { vocabSize, hiddenSize, numHiddenLayers } = config;
  const tensors: TensorSpec[] = [{ name: "model.embed_tokens.weight", shape: [vocabSize, hiddenSize] }];
  for (let layer = 0; layer < numHiddenLayers; layer++) tensors.push(...layerTensors(config, layer));
  tensors.push({ name: "model.norm.weight", shape: [hiddenSize] });
  return tensors;
}

function layerTensors(config: Gemma3Config, layer: number): TensorSpec[] {
  const { hiddenSize: hidden, intermediateSize: inner, headDim } = config;
  const query = config.numAttentionHeads * headDim;
  const keyValue = config.numKeyValueHeads * headDim;
  const shapes: Record<string, number[]> = {
    "input_layernorm": [hidden],
    "self_attn.q_proj": [query, hidden],
    "self_attn.k_proj": [keyValue, hidden],
    "self_attn.v_proj": [keyValue, hidden],
    "self_attn.q_norm": [headDim],
    "self_attn.k_norm": [headDim],
    "self_attn.o_proj": [hidden, query],
    "post_attention_layernorm": [hidden],
    "pre_feedforward_layernorm": [hidden],
    "mlp.gate_proj": [inner, hidden],
    "mlp.up_proj": [inner, hidden],
    "mlp.down_proj": [hidden, inner],
    "post_feedforward_layernorm": [hidden],
  };
  return Object.entries(shapes).map(([part, shape]) => ({
    name: `model.layers.${layer}.${part}.weight`,
    shape,
  }));
}

/** Number of values in all tensors of the model. */
export function parameterCount(config: Gemma3Config): number {
  return modelTensors(config).reduce(
    (sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1),
    0,
  );
}
