import type { Contestant } from "../contest.ts";
import type { Batch } from "./task.ts";

/** What a step measured. */
export interface Outcome {
  readonly milliseconds: number;
  /** Mean in nats a token. */
  readonly crossEntropy: number;
  /** Mean divergence, T² included; 0 without a teacher. */
  readonly distillation: number;
  /** L2 norm of the whole gradient before clipping. */
  readonly gradientNorm: number;
}

/** A library that trains a task's model, from its weights. */
export interface Trainee extends Contestant {
  /** Takes the next optimizer step, until its results are there. */
  step(batch: Batch): Promise<Outcome>;
  /** Gives memory back. */
  close(): Promise<void>;
}
