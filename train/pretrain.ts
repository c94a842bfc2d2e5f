import { createRandom, elementCount, type Engine } from "../engine/mod.ts";
import { type Gemma3Config, layerTypesByPattern, modelTensors, parseConfig } from "../model/config/mod.ts";
import { type Gemma3, loadGemma3 } from "../model/gemma3/mod.ts";
import { BEGINNING, type Checkpointing, createKeeper, type Progress, trained } from "./checkpoint/mod.ts";
import { type MicroBatch, packedRows } from "./data/mod.ts";
import type { StepMetrics } from "./metrics.ts";
import { createTrainer } from "./trainer.ts";

/** How Pebble's teacher is made; the shipped one with exactly these. */
export const PRETRAIN = {
  seed: 1,
  steps: 7500,
  rows: 8,
  length: 128,
  lr: 2e-3,
  warmupSteps: 100,
  /** Share of the steps at the full learning rate, before it falls in a line to `lastShare` of it. */
  constantShare: 0.7,
  lastShare: 0.05,
  clip: 1,
  betas: [0.9, 0.95],
  eps: 1e-8,
  /** On matrices; norms are not decayed. */
  weightDecay: 0.02,
  /** Output of each sublayer relative to the residual stream that it is added to. */
  growth: 0.3,
} as const;

/** Shape of Pebble's teacher: Gemma 3 in small, full attention in blocks 5 and 11. */
export function pebbleConfig(vocabularySize: number): Gemma3Config {
  return parseConfig({
    architectures: ["Gemma3ForCausalLM"],
    model_type: "gemma3_text",
    vocab_size: vocabularySize,
    hidden_size: 64,
    intermediate_size: 288,
    num_hidden_layers: 12,
    num_attention_heads: 4,
    num_key_value_heads: 1,
    head_dim: 32,
    query_pre_attn_scalar: 8,
    hidden_activation: "gelu_pytorch_tanh",
    max_position_embeddings: 512,
    rms_norm_eps: 1e-6,
    rope_theta: 1e6,
    rope_local_base_freq: 1e4,
    sliding_window: 128,
    layer_types: layerTypesByPattern(12),
    tie_word_embeddings: true,
    pad_token_id: 0,
    eos_token_id: 1,
    bos_token_id: 2,
    torch_dtype: "bfloat16",
  }, "Pebble");
}

/** How a tensor starts: normal values of this deviation, or one value throughout. */
export type Start = { readonly deviation: number } | { readonly value: number };

/**
 * Growth initialisation. Gemma's post-norms give every sublayer an output of unit size, so with plain initialisation
 * the residual stream grows and late blocks barely turn it: depth is decoration. Here each post-norm starts at `growth`
 * times the size of the stream it is added to: embeddings N(0, 1/√C) (size 1 after Gemma's scaling), matrices
 * N(0, 0.02), other norms 0, each post-norm's stored weight g - 1 with g = growth · r, then r² += g².
 *
 * @returns the start of each tensor, by its checkpoint name in the order of the file
 */
export function growthStarts(config: Gemma3Config, growth: number): Map<string, Start> {
  let stream = 1;
  return new Map(
    modelTensors(config).map(({ name, shape }): [string, Start] => {
      if (shape.length > 1) {
        return [name, { deviation: name.includes("embed_tokens") ? config.hiddenSize ** -0.5 : 0.02 }];
      }
      if (!/post_(attention|feedforward)_layernorm/.test(name)) return [name, { value: 0 }];
      const g = growth * Math.sqrt(stream);
      stream += g * g;
      return [name, { value: g - 1 }];
    }),
  );
}

/** Seeded weights that start as {@link growthStarts} says. */
function growthInitialisation(config: Gemma3Config, seed: number, growth: number): Map<string, Float32Array> {
  const starts = growthStarts(config, growth);
  return new Map(
    modelTensors(config).map(({ name, shape }, index) => {
      const values = new Float32Array(elementCount(shape)), start = starts.get(name)!;
      if ("value" in start) return [name, values.fill(start.value)];
      const random = createRandom(seed, index);
      values.forEach((_, i) => values[i] = start.deviation * random.normal());
      return [name, values];
    }),
  );
}

/** Warm-up, constant, then a line down. @param step counted from 1 */
export function pretrainRate(step: number, steps: number): number {
  const { lr, warmupSteps, constantShare, lastShare } = PRETRAIN, done = (step - 1) / steps;
  const falling = done < constantShare
    ? 1
    : 1 - (1 - lastShare) * (done - constantShare) / (1 - constantShare);
  return lr * Math.min(1, step / warmupSteps) * falling;
}

/**
 * The rows that a teacher of this seed reads, of one id more than it sees at once, without end. Another seed is another
 * world line: other documents in another order.
 */
export function pretrainRows(seed: number, encode: PretrainOptions["encode"]): Iterator<Uint32Array, never> {
  return packedRows({
    split: "pretrain",
    length: PRETRAIN.length + 1,
    encode,
    ...(seed === PRETRAIN.seed ? {} : { seed: 1000 + seed }),
  }) as Iterator<Uint32Array, never>;
}

/** What {@link pretrain} is given beside {@link PRETRAIN}. */
export interface PretrainOptions {
  readonly seed: number;
  readonly steps: number;
  readonly vocabularySize: number;
  readonly encode: (text: string) => ArrayLike<number>;
  readonly signal?: AbortSignal;
  /** @param memoryBytes device bytes of the largest step so far, by its plan */
  readonly onStep?: (metrics: StepMetrics, memoryBytes: number) => void;
  /** Where the training keeps itself, and goes on from; nowhere where missing. */
  readonly checkpoints?: Checkpointing | undefined;
}

/** Trains a teacher from nothing on Pebble's pretraining stream; answers the model on the device. */
export async function pretrain(engine: Engine, options: PretrainOptions): Promise<Gemma3> {
  const config = pebbleConfig(options.vocabularySize), { rows, length } = PRETRAIN;
  const weights = growthInitialisation(config, options.seed, PRETRAIN.growth);
  const model = await loadGemma3(engine, config, (name) => Promise.resolve(weights.get(name)!), {
    label: "teacher",
    positions: length,
    differentiable: true,
  });
  const trainer = createTrainer({
    engine,
    student: model,
    teacher: undefined,
    loss: { kind: "cross_entropy", alpha: 1, beta: 0, temperature: 1, skew: 0 },
    optimizer: { ...PRETRAIN, weightDecay: { matrices: PRETRAIN.weightDecay, norms: 0 } },
    normalize: "step",
    metricsEvery: 10,
  });
  const stream = pretrainRows(options.seed, options.encode);
  const from = options.checkpoints?.from, before = from?.progress ?? BEGINNING, began = performance.now();
  const keeper = createKeeper(engine, trainer.tensors, options.checkpoints);
  let { tokens, last } = before;
  const report = (measured: Iterable<StepMetrics>) => {
    for (const metrics of measured) {
      [tokens, last] = [tokens + metrics.tokens, metrics];
      options.onStep?.(metrics, trainer.memoryBytes);
    }
  };
  async function progress(): Promise<Progress> {
    report(await trainer.rest());
    const { steps, memoryBytes } = trainer, seconds = before.seconds + (performance.now() - began) / 1000;
    return { ...BEGINNING, steps, tokens, seconds, memoryBytes, last };
  }
  try {
    if (from) {
      const needed = before.steps < options.steps ? trainer.tensors : trained(trainer.tensors);
      await from.load(engine, needed);
      await trainer.goOn(before, []);
      for (let row = 0; row < before.steps * rows; row++) stream.next();
    }
    while (trainer.steps < options.steps) {
      if (options.signal?.aborted) await keeper.now(await progress());
      options.signal?.throwIfAborted();
      const batch = inputsAndTargets(Array.from({ length: rows }, () => stream.next().value));
      report(await trainer.step([batch], pretrainRate(trainer.steps + 1, options.steps)));
      await keeper.perhaps(trainer.steps, progress);
    }
    report(await trainer.rest());
    return model;
  } finally {
    await trainer.close();
  }
}

/** Rows of length + 1 ids as inputs and next tokens, every position scored. */
function inputsAndTargets(rows: readonly Uint32Array[]): MicroBatch {
  const B = rows.length, T = rows[0]!.length - 1;
  const ids = new Uint32Array(B * T), targets = new Uint32Array(B * T);
  rows.forEach((row, b) => {
    ids.set(row.subarray(0, T), b * T);
    targets.set(row.subarray(1), b * T);
  });
  return { ids, targets, tokens: B * T, lengths: new Uint32Array(B).fill(T), B, T };
}
