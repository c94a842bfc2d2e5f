/** Which keys a layer may look at: all before the query, or the last `slidingWindow` of them. */
export type LayerType = "full_attention" | "sliding_attention";

/** Storage type of written weights, by its `transformers` name. */
export type WeightDtype = "bfloat16" | "float16" | "float32";

/** A Gemma 3 text model, as its config.json describes it. */
export interface Gemma3Config {
  vocabSize: number;
  /** Width of the residual stream. */
  hiddenSize: number;
  /** Width of the gated MLP. */
  intermediateSize: number;
  numHiddenLayers: number;
  numAttentionHeads: number;
  /** Key and value heads; each serves `numAttentionHeads / numKeyValueHeads` query heads. */
  numKeyValueHeads: number;
  /** Width of one head; even, as rotary embedding turns pairs. */
  headDim: number;
  /** Attention scores are multiplied by `queryPreAttnScalar ** -0.5`. */
  queryPreAttnScalar: number;
  /** Keys a sliding layer sees, the query's own position included. */
  slidingWindow: number;
  /** One entry a layer. */
  layerTypes: LayerType[];
  rmsNormEps: number;
  /** Rotary base of full-attention layers. */
  ropeTheta: number;
  /** Rotary base of sliding layers. */
  ropeLocalBaseFreq: number;
  /** Divides the frequencies of full-attention layers (linear scaling); 1 where there is none. */
  ropeScalingFactor: number;
  /** Bound c of `c * tanh(score / c)` on attention scores, or `null`. */
  attnLogitSoftcapping: number | null;
  /** The same on the logits, or `null`. */
  finalLogitSoftcapping: number | null;
  maxPositionEmbeddings: number;
  /** Whether the output head is the embedding. */
  tieWordEmbeddings: boolean;
  padTokenId: number | null;
  bosTokenId: number | null;
  eosTokenId: number | number[] | null;
  dtype: WeightDtype;
  /** The JSON as it was read: unknown keys survive being written again. */
  raw: Record<string, unknown>;
}
