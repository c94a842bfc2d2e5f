import {
  DeviceError,
  type Engine,
  memoryByRole,
  plan,
  type Program,
  type Role,
  type Target,
} from "../engine/mod.ts";
import { type Gemma3Config, pruneConfig } from "../model/config/mod.ts";
import { declareGemma3, type HeldDtype } from "../model/gemma3/mod.ts";
import { leastImportant } from "../model/pruning/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { bucketLengths, longestRow, type Row } from "../train/data/mod.ts";
import { optimizerOf } from "../train/heal.ts";
import { needsTeacher } from "../train/losses/mod.ts";
import { requireRowsFit } from "../train/rows_fit.ts";
import { declareState, recordStep } from "../train/step.ts";
import { configuredStates, stateBytes } from "../train/teacher_states.ts";

/** The Program of an optimizer step whose rows are all as long as the longest; nothing of it has run. */
export interface StepPlan {
  readonly program: Program;
  readonly microBatches: number;
  readonly rows: number;
  readonly tokensPerRow: number;
  readonly flops: number;
  /** Device bytes by role; `uniform` holds the scalars of the dispatches. */
  readonly memory: Readonly<Record<Role | "uniform", number>>;
  /** Their sum. */
  readonly bytes: number;
  /** Those of the role `state` that the teacher's kept states take. */
  readonly stateBytes: number;
}

/** The models of a training: shapes, and how the teacher is held. */
export interface PlannedModels {
  readonly teacher: Gemma3Config | undefined;
  readonly student: Gemma3Config;
  readonly teacherHeld?: HeldDtype | undefined;
}

/** The student's shape before it is known which blocks go: any as many give the same. */
export function plannedStudent(teacher: Gemma3Config, { prune }: Config): Gemma3Config {
  return pruneConfig(teacher, prune.drop ?? leastImportant([...teacher.layerTypes.keys()], prune.count));
}

/** Bytes of a dispatch's block of scalars. */
const UNIFORM_BLOCK = 256;

/**
 * Records and plans the largest step of a training, on models without values.
 *
 * @throws {DeviceError} where a tensor of it is larger than one binding of the device covers
 */
export function planStep(
  target: Target,
  models: PlannedModels,
  { train, loss }: Config,
  rows: readonly Row[],
): StepPlan {
  const T = bucketLengths(longestRow(rows)).at(-1)!, B = Math.min(train.micro_batch, rows.length);
  const microBatches = Math.min(train.accumulation, Math.ceil(rows.length / train.micro_batch));
  const teacher = needsTeacher(loss) ? models.teacher : undefined;
  for (const config of [models.student, teacher]) {
    if (config) requireRowsFit(target, config, { B, T }, "train.micro_batch or data.max_length");
  }
  const student = declareGemma3(models.student, { label: "student", positions: T, differentiable: true });
  const states = configuredStates(target, { train, loss }, rows, teacher);
  const { program } = recordStep(target, {
    student,
    teacher: teacher && declareGemma3(teacher, { label: "teacher", positions: T, held: models.teacherHeld }),
    state: declareState(student),
    loss,
    optimizer: optimizerOf(train),
    lossChunk: train.loss_chunk,
    states: states && { parts: states.parts, mode: "keep" },
    batches: Array.from({ length: microBatches }, () => ({ B, T })),
    recompute: train.recompute,
  });
  const memory = {
    ...memoryByRole(program, plan(program)),
    uniform: UNIFORM_BLOCK * program.dispatches.length,
  };
  return {
    program,
    microBatches,
    rows: B,
    tokensPerRow: T,
    flops: program.dispatches.reduce((sum, { flops }) => sum + flops, 0),
    memory,
    bytes: Object.values(memory).reduce((sum, bytes) => sum + bytes, 0),
    stateBytes: states ? stateBytes(states) : 0,
  };
}

/**
 * Refuses a training that the machine has no memory for, before anything runs. Only a software adapter's memory is
 * known: it is the machine's. A GPU answers when it is asked to allocate.
 *
 * @throws {DeviceError} that names need and limit
 */
export function requireMemory({ device }: Pick<Engine, "device">, step: StepPlan): void {
  if (device.software) requireBytes(step, Deno.systemMemoryInfo().available);
}

/** As {@link requireMemory}, for so many available bytes. */
export function requireBytes(
  { bytes, stateBytes, microBatches, rows, tokensPerRow }: StepPlan,
  available: number,
): void {
  if (bytes <= available) return;
  const states = stateBytes > 0
    ? `, or set train.keep_teacher_states=false, which takes ${(stateBytes / 2 ** 30).toFixed(2)} GiB less`
    : "";
  const gibibytes = (count: number) => `${(count / 2 ** 30).toFixed(2)} GiB`;
  throw new DeviceError(
    `Cannot train: a step of ${microBatches} x ${rows} x ${tokensPerRow} tokens needs ${
      gibibytes(bytes)
    } of memory and ${
      gibibytes(available)
    } are available; lower train.micro_batch, train.accumulation or data.max_length${states}`,
  );
}
