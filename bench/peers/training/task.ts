/** What is trained: the same model, weights, tokens and settings for everybody. */
import { createRandom } from "../../../engine/mod.ts";
import type { Gemma3Config } from "../../../model/config/mod.ts";
import { pruneModel } from "../../../model/pruning/mod.ts";
import type { LossConfig } from "../../../train/losses/mod.ts";
import type { StepSpec } from "../../../train/step.ts";
import { GEMMA_270M, type Pair, PEBBLE } from "../../models.ts";
import { randomWeights } from "../../training/weights.ts";

/** A model that stands nowhere yet. */
export interface TaskModel {
  readonly config: Gemma3Config;
  /** Values of a parameter by its name in a checkpoint. */
  readonly read: (name: string) => Promise<Float32Array<ArrayBuffer>>;
}

/** A step that is measured. */
export interface TrainingTask {
  readonly name: string;
  readonly student: TaskModel;
  /** Undefined where the loss is cross-entropy alone. */
  readonly teacher: TaskModel | undefined;
  readonly loss: LossConfig;
  readonly optimizer: StepSpec["optimizer"];
  readonly lr: number;
  /** Rows and tokens of a batch. */
  readonly B: number;
  readonly T: number;
  /** Whether memory holds one library's training at a time, and of its logits those of a row. */
  readonly large?: boolean;
}

/** Ids and next tokens of a batch, [B T] each, every position scored. */
export interface Batch {
  readonly ids: Uint32Array<ArrayBuffer>;
  readonly targets: Uint32Array<ArrayBuffer>;
}

const OPTIMIZER = {
  betas: [0.9, 0.999],
  eps: 1e-8,
  clip: 1,
  weightDecay: { matrices: 0.01, norms: 0.01 },
} as const;
const CROSS_ENTROPY = { kind: "cross_entropy", alpha: 1, beta: 0, temperature: 1, skew: 0 } as const;
/** As the presets distil: half cross-entropy, half forward KL at temperature 2. */
const DISTILLATION = { kind: "forward_kl", alpha: 0.5, beta: 0.5, temperature: 2, skew: 0 } as const;
/** Low, so that rounding does not drive right trainings apart within a few steps: Adam moves every weight by about the rate. */
const SETTINGS = { optimizer: OPTIMIZER, lr: 1e-4 } as const;

const random = (config: Gemma3Config) => ({ config, weights: randomWeights(config, 1) });

/** Training of a model alone, by cross-entropy. */
export function pretraining(config: Gemma3Config, B: number, T: number): TrainingTask {
  const student = { config, read: random(config).weights.readF32 };
  return { ...SETTINGS, name: "training step", student, teacher: undefined, loss: CROSS_ENTROPY, B, T };
}

/** Distillation of a model into itself without some blocks. */
export function distillation({ config, drop }: Pair, B: number, T: number): TrainingTask {
  const teacher = random(config), student = pruneModel(teacher, drop);
  return {
    ...SETTINGS,
    name: "distillation step",
    student,
    teacher: { config, read: teacher.weights.readF32 },
    loss: DISTILLATION,
    B,
    T,
  };
}

/** A step of Pebble's pretraining, and one of its preset's distillation. */
export function pebbleTasks(): TrainingTask[] {
  return [pretraining(PEBBLE.config, 8, 128), distillation(PEBBLE, 16, 128)];
}

/** A step of the published recipe with fewer rows, on random weights of the real shape. */
export function realTask(): TrainingTask {
  return { ...distillation(GEMMA_270M, 2, 512), name: "real distillation step", large: true };
}

/** Size of a task, as rows show it. */
export function describeTask({ B, T, student, teacher }: TrainingTask): string {
  const blocks = [...(teacher ? [teacher] : []), student].map(({ config }) => config.numHiddenLayers);
  return `${B}x${T}, ${blocks.join(" -> ")} blocks`;
}

/**
 * Random tokens of a step, counted from 1. None is the padding, id 0, whose look-up has a gradient in jax-js and none in
 * transformers and here.
 */
export function batchOf({ student: { config }, B, T }: TrainingTask, step: number): Batch {
  const random = createRandom(3, step);
  const ids = () => Uint32Array.from({ length: B * T }, () => 1 + random.integer(config.vocabSize - 1));
  return { ids: ids(), targets: ids() };
}
