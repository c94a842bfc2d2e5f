import type { Engine, Program } from "../engine/mod.ts";
import { parameterCount } from "../model/config/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { countSteps, splitRows } from "../train/data/mod.ts";
import { formatCount } from "./format.ts";
import { configuredTasks } from "./distill/tasks.ts";
import { configuredRows, openSource, teacherHeld } from "./inputs.ts";
import type { Reporter } from "./reporter.ts";
import { distilledRows, planMemory, type Stage } from "./memory_plan.ts";
import { plannedStudent } from "./step_plan.ts";

/** All dispatches of one op with one kernel. */
export interface KernelShare {
  readonly op: string;
  readonly kernel: string;
  readonly dispatches: number;
  readonly flops: number;
  /** Read and written. */
  readonly bytes: number;
}

/** What a run would do, known before anything runs. Bytes and FLOPs are exact for the Program of a full step. */
export interface RunPlan {
  readonly config: Config;
  readonly teacher: { readonly layers: number; readonly parameters: number };
  readonly student: { readonly layers: number; readonly parameters: number };
  readonly data: {
    readonly training_rows: number;
    readonly validation_rows: number;
    readonly tokens_per_epoch: number;
    /** Items of the tasks, each evaluated of every model, and their requests. */
    readonly tasks: { readonly items: number; readonly requests: number };
  };
  readonly steps: number;
  /** The Program of a step whose rows are all as long as the longest. */
  readonly step: {
    readonly micro_batches: number;
    readonly rows: number;
    readonly tokens_per_row: number;
    readonly dispatches: number;
    readonly flops: number;
    /** The Program by op and kernel, most FLOPs first. */
    readonly kernels: readonly KernelShare[];
  };
  /** What each stage takes of the device, by part; their pool is one and allocated at the beginning. */
  readonly memory: {
    readonly stages: readonly Stage[];
    /** That of the stage which takes most. */
    readonly peak_bytes: number;
  };
  /** FLOPs of all steps of the student, at most. */
  readonly flops: number;
  /** As many steps by cross-entropy alone; null where no control is trained. */
  readonly control: { readonly flops: number } | null;
}

/** Records what `distill` would run, on models without values; nothing is computed or written. */
export async function planDistill(
  openEngine: () => Promise<Engine>,
  config: Config,
  reporter: Reporter,
): Promise<RunPlan> {
  const source = await openSource(config.teacher!, config, reporter), { opened } = source;
  try {
    const rows = await configuredRows(config, source, reporter),
      split = splitRows(rows, config.data.validation, config.seed),
      tasks = await configuredTasks(config, source, reporter);
    const student = plannedStudent(opened.config, config), { target } = await openEngine();
    const models = {
      teacher: opened.config,
      student,
      teacherHeld: teacherHeld(config, opened, reporter.note),
    };
    const { step, control, stages, peak } = planMemory(
      target,
      models,
      config,
      distilledRows(rows, split, config, tasks),
      true,
    );
    const { micro_batch: microBatch, accumulation, epochs, max_steps: maxSteps } = config.train;
    const steps = countSteps(split.train.length, { microBatch, accumulation, epochs, maxSteps });
    return {
      config,
      teacher: { layers: opened.config.numHiddenLayers, parameters: parameterCount(opened.config) },
      student: { layers: student.numHiddenLayers, parameters: parameterCount(student) },
      data: {
        training_rows: split.train.length,
        validation_rows: split.validation.length,
        tokens_per_epoch: split.train.reduce((sum, row) => sum + row.length - 1, 0),
        tasks: {
          items: tasks.reduce((sum, { requests }) => sum + requests.length, 0),
          requests: tasks.flatMap(({ requests }) => requests.flat()).length,
        },
      },
      steps,
      step: {
        micro_batches: step.microBatches,
        rows: step.rows,
        tokens_per_row: step.tokensPerRow,
        dispatches: step.program.dispatches.length,
        flops: step.flops,
        kernels: kernelShares(step.program),
      },
      memory: { stages, peak_bytes: peak.bytes },
      flops: step.flops * steps,
      control: control ? { flops: control.flops * steps } : null,
    };
  } finally {
    opened.weights.close();
  }
}

function kernelShares({ dispatches }: Program): KernelShare[] {
  const groups = Map.groupBy(dispatches, ({ op, kernel }) => `${op} ${kernel.file}`);
  return [...groups.values()].map((group) => ({
    op: group[0]!.op,
    kernel: group[0]!.kernel.file,
    dispatches: group.length,
    flops: group.reduce((sum, { flops }) => sum + flops, 0),
    bytes: group.reduce((sum, { bytes }) => sum + bytes, 0),
  })).sort((a, b) => b.flops - a.flops || b.bytes - a.bytes);
}

/** The plan for a person. */
export function formatPlan(plan: RunPlan): string {
  const { config, teacher, student, data, steps, step, memory, flops, control } = plan;
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`,
    gigaflop = (value: number) => `${(value / 1e9).toFixed(2)} GFLOP`;
  return [
    JSON.stringify(config, null, 2),
    ``,
    `teacher   ${teacher.layers} blocks, ${formatCount(teacher.parameters)} parameters`,
    `student   ${student.layers} blocks, ${formatCount(student.parameters)} parameters`,
    `data      ${formatCount(data.training_rows)} training rows, ${
      formatCount(data.validation_rows)
    } held out, ${formatCount(data.tokens_per_epoch)} scored tokens an epoch`,
    ...data.tasks.items > 0
      ? [
        `tasks     ${config.evaluate.tasks.join(", ")}: ${formatCount(data.tasks.items)} items, ${
          formatCount(data.tasks.requests)
        } requests to each model`,
      ]
      : [],
    `training  ${formatCount(steps)} optimizer steps, ${gigaflop(flops)} at most`,
    ...control
      ? [
        `control   as many by cross-entropy alone, ${gigaflop(control.flops)} at most, about ${
          (100 * control.flops / flops).toFixed(0)
        } % of the training's time`,
      ]
      : [],
    `step      ${step.micro_batches} x ${step.rows} x ${step.tokens_per_row} tokens, ${
      formatCount(step.dispatches)
    } dispatches, ${gigaflop(step.flops)}`,
    `memory    ${mebibytes(memory.peak_bytes)} at most`,
    ...memory.stages.map(({ name, memory, bytes }) =>
      `          ${name} ${mebibytes(bytes)}: ${
        Object.entries(memory).filter(([, bytes]) => bytes > 0).map(([part, bytes]) =>
          `${part.replaceAll("_", " ")} ${mebibytes(bytes)}`
        ).join(", ")
      }`
    ),
    ``,
    `The Program of a step, by op and kernel:`,
    ...step.kernels.map(({ op, kernel, dispatches, flops, bytes }) =>
      `${String(dispatches).padStart(6)} x ${op.padEnd(22)} ${kernel.padEnd(44)} ${
        gigaflop(flops).padStart(16)
      } ${mebibytes(bytes).padStart(14)}`
    ),
  ].join("\n");
}
