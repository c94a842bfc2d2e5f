/** What a whole run takes of the device's memory, planned before anything runs. */
import { DeviceError, type Engine, planPool, type Program, type Slot, type Target } from "../engine/mod.ts";
import { recordLargest } from "../eval/likelihood/mod.ts";
import { type EncodedRows, longestFed } from "../eval/tasks/mod.ts";
import { recordTokenLosses } from "../eval/token_losses.ts";
import { cacheBytes, declareGemma3, recordPrefill } from "../model/gemma3/mod.ts";
import { recordBlockProducts } from "../model/pruning/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { bucketLengths, longestRow, type Row } from "../train/data/mod.ts";
import { needsTeacher } from "../train/losses/mod.ts";
import { controlConfig } from "./control.ts";
import { type Memory, memoryOf, type Part, totalBytes } from "./memory.ts";
import { partsOf, type PlannedModels, planStep, type StepPlan } from "./step_plan.ts";

/** The rows that a run works on. */
export interface PlannedRows {
  readonly training: readonly Row[];
  /** Rows that perplexity is measured on; none where it is not. */
  readonly heldOut: readonly Row[];
  /** Tasks that the models are evaluated on. */
  readonly tasks: readonly EncodedRows[];
  /** Positions that the models are loaded for. */
  readonly positions: number;
}

/** The rows of a whole pipeline: held out are training rows where there are no others. */
export function distilledRows(
  rows: readonly Row[],
  { train, validation }: { readonly train: readonly Row[]; readonly validation: readonly Row[] },
  config: Config,
  tasks: readonly EncodedRows[] = [],
): PlannedRows {
  return {
    training: train,
    heldOut: validation.length > 0 ? validation : train,
    tasks,
    positions: Math.max(longestPositions(rows, config), longestFed(tasks, Infinity)),
  };
}

/** Positions that the models must know: the longest row, a padded one, or a sample. */
function longestPositions(rows: readonly Row[], { data, importance, train, sample }: Config): number {
  const pads = importance.padding === "max_length" || train.padding === "left";
  const padded = pads ? data.max_length : 0;
  // A prompt takes at most as many tokens as it has bytes, and one for BOS.
  const prompts = sample.prompts.map((prompt) =>
    new TextEncoder().encode(prompt).length + 1 + sample.max_new_tokens
  );
  return Math.max(longestRow(rows), padded, ...prompts);
}

/** A stage of a run and the most memory it takes. */
export interface Stage {
  readonly name: "importance" | "evaluation" | "tasks" | "training" | "control";
  readonly memory: Memory;
  readonly bytes: number;
}

/** The memory of a run. Its stages share one pool, which is allocated at the beginning. */
export interface MemoryPlan {
  readonly step: StepPlan;
  /** A step of the control, which begins when teacher and student have given their memory back; undefined without one. */
  readonly control: StepPlan | undefined;
  /** The largest Program of each stage, for `engine.reserve`. */
  readonly programs: readonly Program[];
  readonly stages: readonly Stage[];
  /** The stage that takes most. */
  readonly peak: Stage;
}

/**
 * Plans a run at its largest shapes, on models without values. Shorter rows take the same pool, at most a percent more.
 *
 * @param distills whether importance is measured, the teacher evaluated and a control trained, beside training
 * @throws {DeviceError} where a tensor of it is larger than one binding of the device covers
 */
export function planMemory(
  target: Target,
  models: PlannedModels,
  config: Config,
  rows: PlannedRows,
  distills: boolean,
): MemoryPlan {
  const { positions } = rows, step = planStep(target, models, config, rows.training, positions);
  const alone = distills ? controlConfig(config) : undefined;
  const control = alone && planStep(target, models, alone, rows.training, positions);
  const model = (part: "teacher" | "student") =>
    declareGemma3(models[part] ?? models.student, {
      label: part,
      positions,
      held: part === "teacher" ? models.teacherHeld : undefined,
    });
  const teacher = model("teacher"), student = model("student");
  const first = distills ? teacher : student, held = rows.heldOut.slice(0, config.evaluate.rows ?? undefined);
  const evaluation = held.length === 0 ? undefined : recordTokenLosses(target, {
    model: first,
    B: Math.min(config.evaluate.batch_size, held.length),
    T: bucketLengths(longestRow(held)).at(-1)!,
  }).program;
  const scored = rows.training.slice(0, config.importance.rows ?? undefined);
  const importance = !distills || config.prune.drop ? undefined : recordBlockProducts(target, {
    model: teacher,
    B: Math.min(config.importance.batch_size, scored.length),
    T: config.importance.padding === "max_length" ? config.data.max_length : longestRow(scored),
  }).program;
  const likelihoods = rows.tasks.length === 0
    ? undefined
    : recordLargest(target, teacher, rows.tasks.map(({ requests }) => requests.flat()));
  const asked = likelihoods ? [...likelihoods.states, likelihoods.scores] : [];
  const samples = distills && config.sample.prompts.length > 0;
  const generation = samples ? recordPrefill(target, teacher, { maxLength: positions }) : undefined;
  const programs = [step.program, control?.program, evaluation, importance, generation, ...asked]
    .filter((program) => program !== undefined);
  const pool = planPool(programs);
  const stage = (
    name: Stage["name"],
    program: Program | undefined,
    resident: Iterable<readonly [Slot, Part]>,
    caches = 0,
  ): Stage[] => {
    if (!program) return [];
    const memory = { ...memoryOf({ program, parts: new Map(resident), pool }), keys_and_values: caches };
    return [{ name, memory, bytes: totalBytes(memory) }];
  };
  const kept = distills || needsTeacher(config.loss);
  const both = [...partsOf(student, "student"), ...kept ? partsOf(teacher, "teacher") : []];
  const beside = (likelihoods?.beside ?? []).map((slot): [Slot, Part] => [slot, "inputs"]);
  const caches = samples ? cacheBytes(teacher.config, { maxLength: positions }) : 0;
  const stages = [
    ...stage("importance", importance, partsOf(teacher, "teacher")),
    ...stage("evaluation", evaluation, both, caches),
    ...largest(asked.flatMap((program) => stage("tasks", program, [...both, ...beside]))),
    ...stage("training", step.program, step.parts),
    ...stage("control", control?.program, control?.parts ?? []),
  ];
  return { step, control, programs, stages, peak: largest(stages)[0]! };
}

/** The stage that takes most, the first of equals. */
const largest = (stages: readonly Stage[]): Stage[] =>
  stages.toSorted((a, b) => b.bytes - a.bytes).slice(0, 1);

/**
 * Refuses a run that the machine has no memory for, before anything runs. Only a software adapter's memory is known: it
 * is the machine's. A GPU answers when it is asked to allocate.
 *
 * @throws {DeviceError} that names need, limit and the settings that lower the need
 */
export function requireMemory(engine: Engine, plan: MemoryPlan, config: Config): void {
  // What the engine holds already, the pool of an earlier run, serves this one.
  const available = Deno.systemMemoryInfo().available + engine.allocatedBytes();
  if (engine.device.software) requireBytes(plan, config, available);
}

const gibibytes = (count: number) => `${(count / 2 ** 30).toFixed(2)} GiB`;

/** As {@link requireMemory}, for so many available bytes. */
export function requireBytes({ peak, step }: MemoryPlan, config: Config, available: number): void {
  if (peak.bytes <= available) return;
  const { microBatches, rows, tokensPerRow } = step;
  const what = peak.name === "training"
    ? `a step of ${microBatches} x ${rows} x ${tokensPerRow} tokens`
    : peak.name;
  throw new DeviceError(
    `Cannot ${peak.name === "training" ? "train" : "run"}: ${what} needs ${
      gibibytes(peak.bytes)
    } of memory and ${gibibytes(available)} are available; ${cure(peak, config)}`,
  );
}

/** The settings that lower the memory of a stage. */
function cure({ name, memory }: Stage, { train }: Config): string {
  if (name === "evaluation") return "lower evaluate.batch_size or data.max_length";
  if (name === "tasks") return "leave tasks with long contexts out of evaluate.tasks";
  if (name === "importance") return "lower importance.batch_size or data.max_length";
  return [
    "lower train.micro_batch or data.max_length",
    ...train.recompute === "none" ? ["set train.recompute=block"] : [],
    ...memory.loss > 0 ? ["lower train.loss_chunk"] : [],
    ...memory.teacher_states > 0
      ? [`set train.keep_teacher_states=false, which takes ${gibibytes(memory.teacher_states)} less`]
      : [],
  ].join(", or ");
}
