import type { StepRecord } from "../train/log.ts";

/** How far a stage is; the command line shows it. */
export interface StageProgress {
  /** What runs: `importance`, `train`, `perplexity of student`. */
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  /** What is counted: `steps`, `rows`, `bytes`. */
  readonly unit: string;
  readonly loss?: number;
  readonly tokensPerSecond?: number;
  readonly memoryBytes?: number;
  /** Whether units a second are shown. */
  readonly showsRate?: boolean;
}

/** Who is told how a job goes, and who may stop it. */
export interface Reporter {
  update(progress: StageProgress): void;
  /** A line of its own: a stage begins, a warning. */
  note(text: string): void;
  readonly signal: AbortSignal;
}

/** How far training is after a step, from the record that also goes into the log. */
export function stepProgress(record: StepRecord, totalSteps: number, stage = "train"): StageProgress {
  return {
    stage,
    done: record.step,
    total: totalSteps,
    unit: "steps",
    loss: record.losses.total,
    tokensPerSecond: record.tokens_per_second,
    memoryBytes: record.memory_bytes,
  };
}
