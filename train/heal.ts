import type { Engine } from "../engine/mod.ts";
import type { Gemma3 } from "../model/gemma3/mod.ts";
import type { Config } from "./config/mod.ts";
import { batcher, countSteps, epochSteps, type Row } from "./data/mod.ts";
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

/** Trains the student: epochs over the rows in seeded order, optimizer steps of `accumulation` micro-batches. */
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
  const started = performance.now(), seconds = () => (performance.now() - started) / 1000;
  const watched: StepMetrics[] = [], watch = Math.min(WATCHED_STEPS, totalSteps);
  let tokens = 0, last: StepMetrics | undefined, epochLosses: number[] = [];

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

  try {
    for (let epoch = 0; trainer.steps < totalSteps && !spec.signal?.aborted; epoch++) {
      for (const { microBatches, divisor } of epochSteps(rows.length, epoch, order)) {
        if (trainer.steps >= totalSteps || spec.signal?.aborted) break;
        const batches = microBatches.map(batchOf);
        const lr = learningRate(schedule, trainer.steps + 1, totalSteps);
        await report(await trainer.step(batches, lr, divisor));
        if (every !== null && spec.validate && trainer.steps % every === 0) {
          await report(await trainer.rest());
          spec.onValidation?.(trainer.steps, await spec.validate());
        }
      }
    }
    await report(await trainer.rest());
    spec.signal?.throwIfAborted();
    return {
      steps: trainer.steps,
      tokens,
      seconds: seconds(),
      memoryBytes: trainer.memoryBytes,
      lastEpochLoss: epochLosses.reduce((sum, value) => sum + value, 0) / epochLosses.length,
      last,
    };
  } finally {
    trainer.close();
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
