import type { Engine } from "../engine/mod.ts";
import type { Gemma3 } from "../model/gemma3/mod.ts";
import type { Config } from "./config/mod.ts";
import { BEGINNING, type Checkpointing, createKeeper, type Progress, trained } from "./checkpoint/mod.ts";
import { batcher, countSteps, epochSteps, type Row, type StepRows } from "./data/mod.ts";
import type { StepRecord, Validation } from "./log.ts";
import { type LossConfig, needsTeacher, zeroGradientWarnings } from "./losses/mod.ts";
import type { StepMetrics } from "./metrics.ts";
import { learningRate } from "./optim/mod.ts";
import type { StepSpec } from "./step.ts";
import { configuredStates } from "./teacher_states.ts";
import { createTrainer } from "./trainer.ts";

/** What healing is given. */
export interface HealSpec {
  readonly engine: Engine;
  /** Its parameters are trained in place. */
  readonly student: Gemma3;
  /** Needed where {@link needsTeacher}. */
  readonly teacher: Gemma3 | undefined;
  readonly config: Pick<Config, "data" | "train" | "loss" | "seed" | "evaluate">;
  /** Training rows, BOS included. */
  readonly rows: readonly Row[];
  readonly padId: number;
  readonly signal?: AbortSignal | undefined;
  /** Called for every step, in order, once its metrics are read: the log and the progress are its readers. */
  readonly onStep?: (record: StepRecord, totalSteps: number) => void | Promise<void>;
  /** Called once for a loss whose gradient is zero though its weight is not. */
  readonly onWarning?: (text: string) => void;
  /** Called after every `evaluate.every` steps, when all that was submitted is done. */
  readonly validate?: () => Promise<Validation>;
  /** Called with what {@link HealSpec.validate} measured after a step. */
  readonly onValidation?: (step: number, validation: Validation) => void;
  /** Where the training keeps itself, and goes on from; nowhere where missing. */
  readonly checkpoints?: Checkpointing | undefined;
}

/** What healing did. */
export interface HealSummary {
  readonly steps: number;
  /** Scored tokens, over all epochs. */
  readonly tokens: number;
  readonly seconds: number;
  /** Device bytes of the largest step, by its plan. */
  readonly memoryBytes: number;
  /** Mean of `total` over the last epoch's steps, and the last step's metrics. */
  readonly lastEpochLoss: number;
  readonly last: StepMetrics | undefined;
}

/** The optimizer of a step, as configured: torch's AdamW decays every parameter alike. */
export function optimizerOf(train: Config["train"]): StepSpec["optimizer"] {
  return {
    betas: train.betas,
    eps: train.eps,
    clip: train.clip ?? Infinity,
    weightDecay: { matrices: train.weight_decay, norms: train.weight_decay },
  };
}

/** Steps whose gradients are looked at for losses that teach nothing. */
const WATCHED_STEPS = 3;

/**
 * Trains the student: epochs over the rows in seeded order, optimizer steps of `accumulation` micro-batches.
 *
 * A training that goes on from a checkpoint does what it would have done without the break, bit for bit. One that is
 * stopped by its signal finishes the step, keeps itself and throws the signal's reason.
 */
export async function heal(spec: HealSpec): Promise<HealSummary> {
  const { engine, student, rows, config: { data, train, seed, evaluate: { every } } } = spec,
    loss: LossConfig = spec.config.loss;
  const order = {
    order: train.order,
    seed,
    microBatch: train.micro_batch,
    accumulation: train.accumulation,
    remainder: train.remainder,
  };
  const totalSteps = countSteps(rows.length, { ...order, epochs: train.epochs, maxSteps: train.max_steps });
  const epochLength = epochSteps(rows.length, 0, order).length;
  const batchOf = batcher(rows, spec.padId, { padding: train.padding, maxLength: data.max_length });
  const schedule = { lr: train.lr, schedule: train.schedule, warmupSteps: train.warmup_steps };
  const trainer = createTrainer({
    engine,
    student,
    teacher: needsTeacher(loss) ? spec.teacher : undefined,
    loss,
    optimizer: optimizerOf(train),
    normalize: train.normalize,
    metricsEvery: train.metrics_every,
    lossChunk: train.loss_chunk,
    recompute: train.recompute,
    states: configuredStates(engine.target, spec.config, rows, spec.teacher?.config),
  });
  const from = spec.checkpoints?.from, before = from?.progress ?? BEGINNING, began = performance.now();
  const seconds = () => before.seconds + (performance.now() - began) / 1000;
  const keeper = createKeeper(engine, trainer.tensors, spec.checkpoints);
  const watched = [...before.watched], watch = Math.min(WATCHED_STEPS, totalSteps);
  let { tokens, last, validated } = before, epochLosses = [...before.epochLosses];

  async function report(measured: Iterable<StepMetrics>): Promise<void> {
    for (const metrics of measured) {
      if ((metrics.step - 1) % epochLength === 0) epochLosses = [];
      last = metrics;
      tokens += metrics.tokens;
      epochLosses.push(metrics.total);
      if (watched.length < watch && watched.push(metrics) === watch) {
        for (
          const warning of zeroGradientWarnings(watched.map(({ logitGradients }) => logitGradients), loss)
        ) spec.onWarning?.(warning);
      }
      const epoch = Math.floor((metrics.step - 1) / epochLength);
      await spec.onStep?.(recordOf(metrics, epoch, trainer.memoryBytes, seconds()), totalSteps);
    }
  }

  /** Where the training stands once all that was submitted is done: a step that is not finite throws here. */
  async function progress(): Promise<Progress> {
    await report(await trainer.rest());
    const { steps, memoryBytes } = trainer;
    return { steps, validated, tokens, seconds: seconds(), memoryBytes, epochLosses, watched, last };
  }

  const batchesOf = ({ microBatches }: StepRows) => microBatches.map(batchOf);

  async function validate(): Promise<void> {
    if (every === null || !spec.validate || trainer.steps % every !== 0 || validated === trainer.steps) {
      return;
    }
    await report(await trainer.rest());
    const validation = await spec.validate();
    validated = trainer.steps;
    spec.onValidation?.(trainer.steps, validation);
  }

  async function run(): Promise<void> {
    await validate(); // where the last run was stopped between a step and its validation
    for (let epoch = Math.floor(trainer.steps / epochLength); trainer.steps < totalSteps; epoch++) {
      const steps = epochSteps(rows.length, epoch, order).slice(trainer.steps % epochLength);
      for (const step of steps.slice(0, totalSteps - trainer.steps)) {
        spec.signal?.throwIfAborted();
        const lr = learningRate(schedule, trainer.steps + 1, totalSteps);
        await report(await trainer.step(batchesOf(step), lr, step.divisor));
        await validate();
        if (trainer.steps < totalSteps) await keeper.perhaps(trainer.steps, progress);
      }
    }
    spec.signal?.throwIfAborted();
  }

  try {
    if (from) {
      await from.load(engine, before.steps < totalSteps ? trainer.tensors : trained(trainer.tensors));
      const seen = epochSteps(rows.length, 0, order).slice(0, before.steps < totalSteps ? before.steps : 0);
      await trainer.goOn(before, seen.map(batchesOf));
    }
    try {
      await run();
    } catch (error) {
      if (!spec.signal?.aborted || error !== spec.signal.reason) throw error;
      await keeper.now(await progress());
      throw error;
    }
    const end = await progress();
    if (end.steps > before.steps) await keeper.end(end);
    return {
      ...{ steps: end.steps, tokens, seconds: end.seconds, memoryBytes: end.memoryBytes, last },
      lastEpochLoss: epochLosses.reduce((sum, value) => sum + value, 0) / epochLosses.length,
    };
  } finally {
    await trainer.close();
  }
}

function recordOf(metrics: StepMetrics, epoch: number, memory: number, seconds: number): StepRecord {
  return {
    step: metrics.step,
    epoch,
    losses: { cross_entropy: metrics.crossEntropy, distillation: metrics.distillation, total: metrics.total },
    gradient_norm: metrics.gradientNorm,
    lr: metrics.lr,
    tokens: metrics.tokens,
    tokens_per_second: Math.round(metrics.tokensPerSecond),
    memory_bytes: memory,
    seconds,
  };
}
