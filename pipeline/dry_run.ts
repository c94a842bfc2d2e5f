import { type Engine, memoryByRole, plan, type Program, type Role } from "../engine/mod.ts";
import { parameterCount, pruneConfig } from "../model/config/mod.ts";
import { declareGemma3 } from "../model/gemma3/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { bucketLengths, countSteps, splitRows } from "../train/data/mod.ts";
import { needsTeacher } from "../train/losses/mod.ts";
import { declareState, recordStep } from "../train/step.ts";
import { configuredRows, longestRow, openSource } from "./inputs.ts";

/** What a run would do, known before anything runs. Bytes and FLOPs are exact for the Program of a full step. */
export interface RunPlan {
  readonly config: Config;
  readonly teacher: { readonly layers: number; readonly parameters: number };
  readonly student: { readonly layers: number; readonly parameters: number };
  readonly data: {
    readonly training_rows: number;
    readonly validation_rows: number;
    readonly tokens_per_epoch: number;
  };
  readonly steps: number;
  /** The Program of a step whose rows are all as long as the longest. */
  readonly step: {
    readonly micro_batches: number;
    readonly rows: number;
    readonly tokens_per_row: number;
    readonly dispatches: number;
    readonly flops: number;
    readonly memory_bytes: Readonly<Record<Role, number>>;
    readonly peak_bytes: number;
  };
  /** FLOPs of all steps, at most. */
  readonly flops: number;
}

/** Records what `distill` would run, on models without values; nothing is computed or written. */
export async function planDistill(engine: Engine, config: Config): Promise<RunPlan> {
  const source = await openSource(config.teacher!, config.tokenizer), { opened } = source;
  try {
    const rows = await configuredRows(config, source),
      split = splitRows(rows, config.data.validation, config.seed);
    const { micro_batch: B, accumulation, epochs, max_steps: maxSteps } = config.train;
    const T = bucketLengths(longestRow(split.train)).at(-1)!, positions = T;
    // Which blocks go does not change a shape: any will do here.
    const drop = config.prune.drop ?? Array.from({ length: config.prune.count }, (_, i) => i);
    const teacher = declareGemma3(opened.config, { label: "teacher", positions });
    const student = declareGemma3(pruneConfig(opened.config, drop), {
      label: "student",
      positions,
      differentiable: true,
    });
    const microBatches = Math.min(accumulation, Math.ceil(split.train.length / B));
    const { program } = recordStep(engine.target, {
      student,
      teacher: needsTeacher(config.loss) ? teacher : undefined,
      state: declareState(student),
      loss: config.loss,
      optimizer: {
        betas: config.train.betas,
        eps: config.train.eps,
        clip: 1,
        weightDecay: { matrices: 0, norms: 0 },
      },
      batches: Array.from({ length: microBatches }, () => ({ B: Math.min(B, split.train.length), T })),
    });
    const steps = countSteps(split.train.length, { microBatch: B, accumulation, epochs, maxSteps }),
      flops = flopsOf(program);
    const memory = memoryByRole(program, plan(program));
    return {
      config,
      teacher: { layers: opened.config.numHiddenLayers, parameters: parameterCount(opened.config) },
      student: { layers: student.config.numHiddenLayers, parameters: parameterCount(student.config) },
      data: {
        training_rows: split.train.length,
        validation_rows: split.validation.length,
        tokens_per_epoch: split.train.reduce((sum, row) => sum + row.length - 1, 0),
      },
      steps,
      step: {
        micro_batches: microBatches,
        rows: Math.min(B, split.train.length),
        tokens_per_row: T,
        dispatches: program.dispatches.length,
        flops,
        memory_bytes: memory,
        peak_bytes: Object.values(memory).reduce((sum, bytes) => sum + bytes, 0),
      },
      flops: flops * steps,
    };
  } finally {
    opened.weights.close();
  }
}

const flopsOf = (program: Program): number => program.dispatches.reduce((sum, { flops }) => sum + flops, 0);

/** The plan for a person. */
export function formatPlan({ config, teacher, student, data, steps, step, flops }: RunPlan): string {
  const count = (value: number) => value.toLocaleString("en-US"),
    mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return [
    JSON.stringify(config, null, 2),
    ``,
    `teacher   ${teacher.layers} blocks, ${count(teacher.parameters)} parameters`,
    `student   ${student.layers} blocks, ${count(student.parameters)} parameters`,
    `data      ${count(data.training_rows)} training rows, ${count(data.validation_rows)} held out, ${
      count(data.tokens_per_epoch)
    } scored tokens an epoch`,
    `training  ${count(steps)} optimizer steps, ${(flops / 1e12).toFixed(3)} TFLOP at most`,
    `step      ${step.micro_batches} x ${step.rows} x ${step.tokens_per_row} tokens, ${
      count(step.dispatches)
    } dispatches, ${(step.flops / 1e9).toFixed(2)} GFLOP`,
    `memory    ${mebibytes(step.peak_bytes)} while training: ` +
    Object.entries(step.memory_bytes).map(([role, bytes]) => `${role} ${mebibytes(bytes)}`).join(", "),
  ].join("\n");
}
