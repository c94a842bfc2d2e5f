import { type Engine, LapidaryError, type Prepared, UNSCORED } from "../engine/mod.ts";
import { type Gemma3, slotsOf, uploadPlaces } from "../model/gemma3/mod.ts";
import type { MicroBatch } from "./data/mod.ts";
import type { LossConfig } from "./losses/mod.ts";
import { scheduleValues } from "./optim/mod.ts";
import { CLIP, declareState, recordStep, type Step, type StepSpec } from "./step.ts";

/** What a trainer trains, and how. */
export interface TrainerSpec {
  readonly engine: Engine;
  readonly student: Gemma3;
  readonly teacher: Gemma3 | undefined;
  readonly loss: LossConfig;
  readonly optimizer: StepSpec["optimizer"];
  /** `step`: mean over the tokens of the whole step; `micro_batch`: mean of the micro-batches' means. */
  readonly normalize: "step" | "micro_batch";
}

/** What one step measured. */
export interface StepMetrics {
  /** Mean cross-entropy in nats a token. */
  readonly crossEntropy: number;
  /** Mean divergence, T² included; 0 without a teacher. */
  readonly distillation: number;
  /** alpha · crossEntropy + beta · distillation. */
  readonly total: number;
  /** L2 norms of the two gradients with respect to the logits, before alpha and beta. */
  readonly logitGradients: { readonly crossEntropy: number; readonly distillation: number };
  /** Global L2 norm of the gradient before clipping. */
  readonly gradientNorm: number;
  /** Scored tokens. */
  readonly tokens: number;
}

/** Runs optimizer steps. Programs are recorded once for each combination of shapes. */
export interface Trainer {
  /** Optimizer steps done. */
  readonly steps: number;
  /** Device bytes of the largest step prepared so far, by its plan. */
  readonly memoryBytes: number;
  /**
   * One optimizer step over one or several micro-batches.
   *
   * @param divisor micro-batches that `micro_batch` normalisation divides by; those given where undefined
   * @throws LapidaryError when a loss or the gradient is not finite; parameters are then no longer usable
   */
  step(batches: readonly MicroBatch[], lr: number, divisor?: number): Promise<StepMetrics>;
  /** Gives gradients and moments back. */
  close(): void;
}

interface PreparedStep {
  readonly step: Step;
  readonly prepared: Prepared;
}

/** Creates a trainer for a student on the device. */
export function createTrainer(spec: TrainerSpec): Trainer {
  const { engine, student, teacher, loss, optimizer } = spec;
  const state = declareState(student), prepared = new Map<string, Promise<PreparedStep>>();
  let steps = 0, memoryBytes = 0;

  async function prepare(batches: readonly MicroBatch[]): Promise<PreparedStep> {
    const step = recordStep(engine.target, { student, teacher, state, loss, optimizer, batches });
    const ready = await engine.prepare(step.program);
    for (const inputs of step.inputs) await uploadPlaces(engine, inputs);
    memoryBytes = Math.max(memoryBytes, Object.values(ready.memory).reduce((sum, bytes) => sum + bytes, 0));
    return { step, prepared: ready };
  }

  return {
    get steps() {
      return steps;
    },
    get memoryBytes() {
      return memoryBytes;
    },
    async step(batches, lr, divisor = batches.length) {
      const key = batches.map(({ B, T }) => `${B}x${T}`).join();
      if (!prepared.has(key)) prepared.set(key, prepare(batches));
      const { step, prepared: ready } = await prepared.get(key)!;
      const tokens = batches.reduce((sum, batch) => sum + batch.tokens, 0);
      for (const [i, inputs] of step.inputs.entries()) {
        const batch = batches[i]!,
          weight = spec.normalize === "step" ? 1 / tokens : 1 / (batch.tokens * divisor);
        await engine.write(inputs.ids, batch.ids);
        await engine.write(inputs.targets, batch.targets);
        await engine.write(
          inputs.weights,
          Float32Array.from(batch.targets, (target) => target === UNSCORED ? 0 : weight),
        );
      }
      await engine.write(step.schedule, scheduleValues(lr, steps + 1, optimizer.betas));
      engine.run(ready);
      steps++;
      return readMetrics(await engine.read(step.metrics) as Float32Array, loss, tokens, steps);
    },
    close() {
      const own = [...prepared.values()];
      engine.release([state.gradients, state.firstMoments, state.secondMoments].flatMap(slotsOf));
      for (const ready of own) {
        // A step that could not be prepared has told so where it was asked for.
        void ready.then(
          ({ step }) =>
            engine.release([step.metrics.slot, step.schedule.slot, ...step.inputs.flatMap(inputSlots)]),
          () => {},
        );
      }
    },
  };
}

const inputSlots = ({ ids, positions, spans, targets, weights }: Step["inputs"][number]) =>
  [ids, positions, spans, targets, weights].map(({ slot }) => slot);

function readMetrics(values: Float32Array, loss: LossConfig, tokens: number, step: number): StepMetrics {
  const [crossEntropy, distillation, ceSquares, kdSquares] = values as unknown as [
    number,
    number,
    number,
    number,
  ];
  const gradientNorm = values[CLIP]!;
  const measured = {
    "cross-entropy": crossEntropy,
    "distillation loss": distillation,
    "gradient norm": gradientNorm,
  };
  for (const [name, value] of Object.entries(measured)) {
    if (!Number.isFinite(value)) {
      throw new LapidaryError(
        `Cannot go on training as the ${name} is ${value} at step ${step}; lower train.lr, or look for damaged weights or data`,
      );
    }
  }
  return {
    crossEntropy,
    distillation,
    total: loss.alpha * crossEntropy + loss.beta * distillation,
    logitGradients: { crossEntropy: Math.sqrt(ceSquares), distillation: Math.sqrt(kdSquares) },
    gradientNorm,
    tokens,
  };
}
