import type { Engine, Program } from "../engine/mod.ts";
import { parameterCount } from "../model/config/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { countSteps } from "../train/data/mod.ts";
import type { Download } from "./dry_run/inputs.ts";
import { type StageFlops, stageFlops } from "./dry_run/work.ts";
import type { Stage } from "./memory_plan.ts";
import { planRun } from "./planned_run.ts";
import type { Reporter } from "./reporter.ts";
import { type Rate, rateFor } from "./tuning/rates.ts";

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
    /** Scored tokens. */
    readonly tokens_per_epoch: number;
    /** True where the texts are not on this machine: every row then counts as data.max_length tokens. */
    readonly assumed: boolean;
    /** Items of the tasks, each evaluated of every model, and their requests. */
    readonly tasks: { readonly items: number; readonly requests: number };
  };
  readonly steps: number;
  /** Scored tokens over all steps. */
  readonly tokens: number;
  /** What a run would fetch from the hub. */
  readonly download: readonly Download[];
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
  /** FLOPs of what comes before and after training, at most. */
  readonly stages: StageFlops;
  /** How long all of it takes at a rate that was measured on this adapter; null where none was. */
  readonly time: { readonly seconds: number; readonly rate: Rate } | null;
}

/** Records what `distill` would run, on models without values; nothing is computed or written. */
export async function planDistill(
  openEngine: () => Promise<Engine>,
  config: Config,
  reporter: Reporter,
): Promise<RunPlan> {
  const { inputs, student, split, rows, plan } = await planRun(openEngine, config, reporter);
  const { step, control, stages, peak } = plan, { teacher, counts } = inputs;
  const { micro_batch: microBatch, accumulation, epochs, max_steps: maxSteps } = config.train;
  const order = { microBatch, accumulation, epochs, maxSteps };
  const steps = countSteps(split.train.length, order);
  const perEpoch = split.train.reduce((sum, row) => sum + row.length - 1, 0);
  const evaluated = [teacher, student, student, ...control ? [student] : []];
  const beside = stageFlops(config, inputs, evaluated, rows.training, rows.heldOut);
  const flops = step.flops * steps, controlFlops = control ? control.flops * steps : 0;
  const rate = await rateFor(await openEngine(), teacher);
  const all = flops + controlFlops + beside.importance + beside.evaluation + beside.tasks;
  return {
    config,
    teacher: { layers: teacher.numHiddenLayers, parameters: parameterCount(teacher) },
    student: { layers: student.numHiddenLayers, parameters: parameterCount(student) },
    data: {
      training_rows: split.train.length,
      validation_rows: split.validation.length,
      tokens_per_epoch: perEpoch,
      assumed: inputs.assumedRows,
      tasks: {
        items: counts.reduce((sum, { items }) => sum + items, 0),
        requests: counts.reduce((sum, { requests }) => sum + requests, 0),
      },
    },
    steps,
    tokens: Math.round(
      perEpoch * steps / countSteps(split.train.length, { ...order, epochs: 1, maxSteps: null }),
    ),
    download: inputs.downloads,
    step: {
      micro_batches: step.microBatches,
      rows: step.rows,
      tokens_per_row: step.tokensPerRow,
      dispatches: step.program.dispatches.length,
      flops: step.flops,
      kernels: kernelShares(step.program),
    },
    memory: { stages, peak_bytes: peak.bytes },
    flops,
    control: control ? { flops: controlFlops } : null,
    stages: beside,
    time: rate ? { seconds: all / rate.flops, rate } : null,
  };
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
