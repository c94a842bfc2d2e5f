import { checkpoint, embedding, gatedLinear, linear, rmsNorm, scope, type Tensor } from "../../engine/mod.ts";
import type { Gemma3Config } from "../config/mod.ts";
import { attention, type Places, type Remember } from "./attention.ts";
import type { BlockWeights, Parameters } from "./parameters.ts";
import type { RopeTable, RopeTables } from "./rope_tables.ts";

/** What a forward pass needs beside ids: the model on the device. */
export interface Gemma3 {
  readonly config: Gemma3Config;
  readonly parameters: Parameters;
  readonly rope: RopeTables;
}

/** Which activations stay in memory for the walk back: all of them, or each block's input, the rest computed again. */
export type Recompute = "none" | "block";

/** Taps for those who look inside: importance sees every block's input and output, generation its keys and values. */
export interface Taps {
  readonly recompute?: Recompute;
  readonly block?: (layer: number, input: Tensor, output: Tensor) => void;
  readonly remember?: (layer: number) => Remember;
}

/**
 * The whole forward pass of Gemma 3 up to the final norm (transformers, models/gemma3/modeling_gemma3.py).
 *
 * @param ids u32 [B, T]
 * @returns hidden states [B, T, C]; logits are these times the embedding, transposed
 */
export function forward(model: Gemma3, ids: Tensor, places: Places, taps: Taps = {}): Tensor {
  const { config, parameters } = model;
  // The lookup is scaled by √C, the tied head is not. In f32 √640 is 25.2982 (bfloat16 models round it to 25.25).
  let h = scope(
    "embedding",
    () => embedding(parameters.embedding, ids, Math.fround(Math.sqrt(config.hiddenSize)), config.padTokenId),
  );
  parameters.blocks.forEach((weights, layer) => {
    const kind = config.layerTypes[layer]!, window = kind === "full_attention" ? 0 : config.slidingWindow;
    const input = h, remember = taps.remember?.(layer);
    const whole = (x: Tensor) =>
      scope(`block ${layer}`, () => block(x, weights, config, model.rope[kind], window, places, remember));
    h = taps.recompute === "block" ? checkpoint(whole, [input]) : whole(input);
    taps.block?.(layer, input, h);
  });
  return scope("norm", () => rmsNorm(h, parameters.norm, config.rmsNormEps));
}

/** h + norm(attention(norm(h))), then h + norm(mlp(norm(h))): Gemma norms each sublayer before and after. */
function block(
  h: Tensor,
  weights: BlockWeights,
  config: Gemma3Config,
  table: RopeTable,
  window: number,
  places: Places,
  remember?: Remember,
): Tensor {
  const norm = (x: Tensor, w: Tensor, residual?: Tensor) => rmsNorm(x, w, config.rmsNormEps, residual);
  const attended = scope("attention", () => {
    const mixed = attention(norm(h, weights.inputNorm), weights, config, table, window, places, remember);
    return norm(mixed, weights.postAttentionNorm, h);
  });
  return scope("mlp", () => {
    const x = norm(attended, weights.preFeedforwardNorm);
    const inner = gatedLinear(x, weights.gate, weights.up);
    return norm(linear(inner, weights.down), weights.postFeedforwardNorm, attended);
  });
}
