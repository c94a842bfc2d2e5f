/** Gemma 3 in jax-js, as transformers defines it (models/gemma3/modeling_gemma3.py). */
import type { Gemma3Config, LayerType } from "../../../model/config/mod.ts";
import type { Jax, JaxArray } from "../jax.ts";

/** Parameters by their names in a checkpoint. */
export type JaxWeights = Readonly<Record<string, JaxArray>>;

/** What depends on positions alone, for each kind of layer. */
export type JaxPlaces = Readonly<Record<LayerType, JaxLayerPlaces>>;

// A type, as jax-js walks through trees of arrays: an interface could grow other properties.
type JaxLayerPlaces = {
  /** [T, 1, D / 2]. */
  readonly cosine: JaxArray;
  readonly sine: JaxArray;
  /** [T, T]: 0 where a query sees a key, else so low that softmax gives 0. */
  readonly mask: JaxArray;
};

const UNSEEN = -1e30;

/** Angles and masks of rows of T tokens that stand at positions 0 to T - 1. */
export function jaxPlaces({ numpy: np }: Jax, config: Gemma3Config, T: number): JaxPlaces {
  const half = config.headDim / 2;
  const places = (base: number, factor: number, window: number): JaxLayerPlaces => {
    const angles = Float32Array.from({ length: T * half }, (_, i) => {
      const position = Math.floor(i / half), pair = i % half;
      return position / base ** (pair / half) / factor;
    });
    const sees = (i: number) => {
      const query = Math.floor(i / T), key = i % T;
      return key <= query && query - key < window;
    };
    const table = (f: (angle: number) => number) => np.array(angles.map(f)).reshape([T, 1, half]);
    return {
      cosine: table(Math.cos),
      sine: table(Math.sin),
      mask: np.array(Float32Array.from({ length: T * T }, (_, i) => sees(i) ? 0 : UNSEEN)).reshape([T, T]),
    };
  };
  return {
    full_attention: places(config.ropeTheta, config.ropeScalingFactor, Infinity),
    sliding_attention: places(config.ropeLocalBaseFreq, 1, config.slidingWindow),
  };
}

/**
 * [N, V]: true where the column is the id [N]. A product with it looks rows up: the gradient of a gather is a shader of
 * jax-js that Deno refuses, as it hands a pointer into storage to a function.
 */
export function isId({ numpy: np }: Jax, ids: JaxArray, vocabulary: number): JaxArray {
  return np.equal(ids.reshape([ids.shape[0]!, 1]), np.arange(vocabulary));
}

/**
 * Logits [B T, V] of ids [B, T]. Every array that it is given is used up, as jax-js wants it.
 *
 * @param config without soft caps, which no Gemma 3 of Google's has
 */
export function jaxLogits(
  jax: Jax,
  config: Gemma3Config,
  weights: JaxWeights,
  places: JaxPlaces,
  ids: JaxArray,
): JaxArray {
  const { numpy: np } = jax, [B, T] = ids.shape as [number, number];
  const weight = (name: string) => weights[`${name}.weight`]!.ref;
  const chosen = np.where(isId(jax, ids.reshape([B * T]), config.vocabSize), 1, 0);
  let h = np.matmul(chosen, weight("model.embed_tokens")).mul(Math.sqrt(config.hiddenSize));
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    const own = (part: string) => weight(`model.layers.${layer}.${part}`);
    h = block(jax, config, own, places[config.layerTypes[layer]!], h, [B, T]);
  }
  h = rmsNorm(jax, h, weight("model.norm"), config.rmsNormEps);
  const logits = np.matmul(h, weight("model.embed_tokens").transpose());
  jax.tree.dispose([weights, places]);
  return logits;
}

function block(
  jax: Jax,
  config: Gemma3Config,
  weight: (part: string) => JaxArray,
  places: JaxLayerPlaces,
  h: JaxArray,
  rows: readonly [B: number, T: number],
): JaxArray {
  const norm = (x: JaxArray, part: string) => rmsNorm(jax, x, weight(part), config.rmsNormEps);
  const linear = (x: JaxArray, part: string) => jax.numpy.matmul(x, weight(part).transpose());
  const mixed = attention(jax, config, weight, linear, places, norm(h.ref, "input_layernorm"), rows);
  const attended = h.add(norm(mixed, "post_attention_layernorm"));
  const x = norm(attended.ref, "pre_feedforward_layernorm");
  const inner = jax.nn.gelu(linear(x.ref, "mlp.gate_proj")).mul(linear(x, "mlp.up_proj"));
  return attended.add(norm(linear(inner, "mlp.down_proj"), "post_feedforward_layernorm"));
}

/** The query heads of a key-value head are rows of one product. */
function attention(
  jax: Jax,
  config: Gemma3Config,
  weight: (part: string) => JaxArray,
  linear: (x: JaxArray, part: string) => JaxArray,
  { cosine, sine, mask }: JaxLayerPlaces,
  x: JaxArray,
  [B, T]: readonly [number, number],
): JaxArray {
  const { numAttentionHeads: H, numKeyValueHeads: KV, headDim: D } = config, { numpy: np } = jax, G = H / KV;
  const heads = (part: string, count: number) =>
    linear(x.ref, `self_attn.${part}_proj`).reshape([B, T, count, D]);
  const turned = (part: "q" | "k", count: number) => {
    const y = rmsNorm(jax, heads(part, count), weight(`self_attn.${part}_norm`), config.rmsNormEps);
    const [low, high] = np.split(y, 2, -1) as [JaxArray, JaxArray];
    return np.concatenate([
      low.ref.mul(cosine.ref).sub(high.ref.mul(sine.ref)),
      high.mul(cosine.ref).add(low.mul(sine.ref)),
    ], -1);
  };
  const q = turned("q", H).reshape([B, T, KV, G, D]).transpose([0, 2, 3, 1, 4]).reshape([B, KV, G * T, D]);
  const k = turned("k", KV).transpose([0, 2, 3, 1]), v = heads("v", KV).transpose([0, 2, 1, 3]);
  x.dispose();
  const scores = np.matmul(q, k).mul(config.queryPreAttnScalar ** -0.5).reshape([B, KV, G, T, T]);
  const looks = jax.nn.softmax(scores.add(mask.ref), -1).reshape([B, KV, G * T, T]);
  const out = np.matmul(looks, v).reshape([B, KV, G, T, D]).transpose([0, 3, 1, 2, 4]);
  return linear(out.reshape([B * T, H * D]), "self_attn.o_proj");
}

/** x / √(mean x² + eps) · (1 + w). */
function rmsNorm({ numpy: np }: Jax, x: JaxArray, w: JaxArray, eps: number): JaxArray {
  const mean = np.mean(np.square(x.ref), -1, { keepdims: true });
  return x.mul(np.reciprocal(np.sqrt(mean.add(eps)))).mul(w.add(1));
}
