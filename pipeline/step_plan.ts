import type { Program, Slot, Target } from "../engine/mod.ts";
import { type Gemma3Config, pruneConfig } from "../model/config/mod.ts";
import { declareGemma3, type Gemma3, type HeldDtype, slotsOf } from "../model/gemma3/mod.ts";
import { blocksToDrop } from "../model/pruning/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { bucketLengths, countSteps, longestRow, type Row } from "../train/data/mod.ts";
import { optimizerOf } from "../train/heal.ts";
import { needsTeacher } from "../train/losses/mod.ts";
import { requireRowsFit } from "../train/rows_fit.ts";
import { declareState, recordStep } from "../train/step.ts";
import { configuredStates } from "../train/teacher_states.ts";
import { type Memory, memoryOf, type Part, totalBytes } from "./memory.ts";

/** The Program of an optimizer step whose rows are all as long as the longest; nothing of it has run. */
export interface StepPlan {
  readonly program: Program;
  /** What its persistent slots are for. */
  readonly parts: ReadonlyMap<Slot, Part>;
  readonly microBatches: number;
  readonly rows: number;
  readonly tokensPerRow: number;
  readonly flops: number;
  /** Device bytes by what they are for, were this Program alone. */
  readonly memory: Memory;
  /** Their sum. */
  readonly bytes: number;
}

/** The models of a training: shapes, and how the teacher is held. */
export interface PlannedModels {
  readonly teacher: Gemma3Config | undefined;
  readonly student: Gemma3Config;
  readonly teacherHeld?: HeldDtype | undefined;
}

/** The student's shape before it is known which blocks go: any as many give the same. Throws UsageError where none may go. */
export function plannedStudent(teacher: Gemma3Config, { prune }: Config): Gemma3Config {
  const { layerTypes } = teacher, alike = { scores: layerTypes.map(() => 0), order: [...layerTypes.keys()] };
  return pruneConfig(teacher, prune.drop ?? blocksToDrop(alike, layerTypes, prune));
}

/** Slots of a model, by what they are for. */
export function partsOf({ parameters, rope }: Gemma3, part: "teacher" | "student"): [Slot, Part][] {
  const tables = Object.values(rope).flatMap(({ cosine, sine }) => [cosine.slot, sine.slot]);
  return [
    ...slotsOf(parameters).map((slot): [Slot, Part] => [slot, part]),
    ...tables.map((slot): [Slot, Part] => [slot, "rope"]),
  ];
}

/** Tokens of the longest row that a training computes, pads included. */
export function trainedLength(rows: readonly Row[], { train, data }: Pick<Config, "train" | "data">): number {
  return train.padding === "left" ? data.max_length : bucketLengths(longestRow(rows)).at(-1)!;
}

/**
 * Records and plans the largest step of a training, on models without values.
 *
 * @param positions that the models are loaded for; the longest row where missing
 * @throws {DeviceError} where a tensor of it is larger than one binding of the device covers
 */
export function planStep(
  target: Target,
  models: PlannedModels,
  config: Config,
  rows: readonly Row[],
  positions?: number,
): StepPlan {
  const { train, loss } = config,
    T = trainedLength(rows, config),
    B = Math.min(train.micro_batch, rows.length);
  const microBatches = Math.min(train.accumulation, Math.ceil(rows.length / train.micro_batch));
  const { teacher: teacherConfig, student: studentConfig } = models;
  for (const model of [studentConfig, needsTeacher(loss) ? teacherConfig : undefined]) {
    if (model) requireRowsFit(target, model, { B, T }, "train.micro_batch or data.max_length");
  }
  const loaded = { positions: positions ?? T };
  const student = declareGemma3(studentConfig, { ...loaded, label: "student", differentiable: true });
  const teacher = needsTeacher(loss) && teacherConfig
    ? declareGemma3(teacherConfig, { ...loaded, label: "teacher", held: models.teacherHeld })
    : undefined;
  const states = configuredStates(target, { train, loss }, rows, teacherConfig);
  const state = declareState(student, train.metrics_every);
  const { program } = recordStep(target, {
    student,
    teacher,
    state,
    loss,
    optimizer: optimizerOf(train),
    lossChunk: train.loss_chunk,
    states: states && { parts: states.parts, mode: "keep" },
    batches: Array.from({ length: microBatches }, () => ({ B, T })),
    recompute: train.recompute,
  });
  const moments = [state.firstMoments, state.secondMoments].flatMap(slotsOf);
  const parts = new Map<Slot, Part>([
    ...partsOf(student, "student"),
    ...teacher ? partsOf(teacher, "teacher") : [],
    ...(states?.parts ?? []).map(({ slot }): [Slot, Part] => [slot, "teacher_states"]),
    ...slotsOf(state.gradients).map((slot): [Slot, Part] => [slot, "gradients"]),
    ...moments.map((slot): [Slot, Part] => [slot, "moments"]),
  ]);
  const memory = memoryOf({ program, parts });
  return {
    program,
    parts,
    microBatches,
    rows: B,
    tokensPerRow: T,
    flops: program.dispatches.reduce((sum, { flops }) => sum + flops, 0),
    memory,
    bytes: totalBytes(memory),
  };
}

/** Operations of a whole training whose every step is as large as the planned one. */
export function trainingFlops({ flops }: StepPlan, { train }: Config, rows: readonly Row[]): number {
  return flops * countSteps(rows.length, {
    microBatch: train.micro_batch,
    accumulation: train.accumulation,
    epochs: train.epochs,
    maxSteps: train.max_steps,
  });
}
