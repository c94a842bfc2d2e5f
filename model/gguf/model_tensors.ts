import { type Gemma3Config, modelTensors } from "../config/mod.ts";
import type { TensorToWrite } from "../safetensors/mod.ts";
import { storage, type WrittenType } from "./encode.ts";
import { LAYERS_OF_27B } from "./config.ts";
import { ggufName, isNorm } from "./names.ts";
import type { GgufTensorToWrite } from "./write.ts";

/**
 * What the weight of the query's norm is multiplied by, so that llama.cpp, which knows no `query_pre_attn_scalar` and
 * scales scores by the head's width, gives the model's own scores: 1 for every published Gemma 3.
 */
export function attentionFold({ queryPreAttnScalar, headDim, hiddenSize, ...config }: Gemma3Config): number {
  const taken = config.numHiddenLayers === LAYERS_OF_27B
    ? Math.floor(hiddenSize / config.numAttentionHeads)
    : headDim;
  return Math.sqrt(taken / queryPreAttnScalar);
}

/**
 * The tensors of a model under their GGUF names, matrices in `type`. Norm weights are 1 + w in float32, as GGUF has
 * them; a matrix whose rows are no whole blocks stays float32.
 *
 * @param read values by `transformers` name
 */
export function ggufTensors(
  config: Gemma3Config,
  read: (name: string) => ReturnType<TensorToWrite["read"]>,
  type: WrittenType,
): GgufTensorToWrite[] {
  const fold = attentionFold(config);
  return modelTensors(config).map(({ name, shape }) => {
    const row = shape.at(-1)!, isBlocks = shape.length > 1 && row % storage(type).block === 0;
    const factor = name.endsWith("self_attn.q_norm.weight") ? fold : 1;
    return {
      name: ggufName(name),
      shape,
      type: isBlocks ? type : "F32",
      read: async () =>
        isNorm(name) ? (await read(name)).map((w) => Math.fround(1 + w) * factor) : await read(name),
    };
  });
}
