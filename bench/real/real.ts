import { createRandom, type Engine } from "../../engine/mod.ts";
import { type Gemma3Config, parameterCount } from "../../model/config/mod.ts";
import type { WeightSource } from "../../model/files/mod.ts";
import { type Gemma3, type HeldDtype, loadGemma3, releaseGemma3 } from "../../model/gemma3/mod.ts";
import { type Importance, measureImportance, pruneModel } from "../../model/pruning/mod.ts";
import { paddedBatch } from "../../train/data/mod.ts";
import { requireRowsFit } from "../../train/rows_fit.ts";
import type { Limits, Row } from "../report.ts";
import { measureTraining } from "../training/measure.ts";
import { openTraining } from "../training/open.ts";

/** What is measured: a teacher's weights, and how much of them. */
export interface RealOptions {
  readonly config: Gemma3Config;
  readonly weights: WeightSource;
  /** How the teacher's matrices are held on the device. */
  readonly held: HeldDtype;
  /** For the rows: where the weights are from. */
  readonly name: string;
  /** Rows and tokens of the micro-batch. */
  readonly B: number;
  readonly T: number;
  /** Whole steps after the first. */
  readonly steps: number;
  /** Blocks that importance takes away. */
  readonly count: number;
  /** Learning rate. */
  readonly rate: number;
}

/** Rows that importance is measured on. */
const ROWS = 2;
const MIB = 2 ** 20;

/**
 * The pipeline's heavy parts on one machine: importance on a few rows, pruning, whole optimizer steps of distillation.
 * Tokens are random; the time does not depend on them.
 *
 * @param note hears what is done next: a step can take minutes on a CPU
 */
export async function benchReal(
  engine: Engine,
  limits: Limits,
  options: RealOptions,
  note: (text: string) => void,
): Promise<Row[]> {
  const { config, weights, held, B, T, steps, count, rate, name } = options, clock = stopwatch();
  requireRowsFit(engine.target, config, { B: Math.max(B, ROWS), T }, "--rows or --length");
  note(`loading the teacher (${name})`);
  const teacher = await loadGemma3(engine, config, (tensor) => weights.readF32(tensor), {
    label: "teacher",
    positions: T,
    held,
  });
  const loading = clock();
  note(`importance on ${ROWS} x ${T} tokens`);
  const { order } = await importance(engine, teacher, T);
  const measuring = clock(), pruned = pruneModel({ config, weights }, order.slice(0, count));
  note(`pruning blocks ${order.slice(0, count).join(", ")} and loading the student`);
  const student = await loadGemma3(engine, pruned.config, pruned.read, {
    label: "student",
    positions: T,
    differentiable: true,
  });
  const pruning = clock();
  note(`${steps} + 2 optimizer steps of ${B} x ${T} tokens`);
  const training = await openTraining(engine, { teacher, student, B, T, rate });
  const effort = { milliseconds: 0, minimum: steps };
  const measured = await measureTraining(engine, training, limits, effort, 1, {
    benchmark: "real",
    shape: `${B}x${T}, ${config.numHiddenLayers} -> ${pruned.config.numHiddenLayers} blocks, ${name}${
      held === "bf16" ? ", teacher in bf16" : ""
    }`,
  });
  const { memory } = training.prepared, { step } = measured;
  const facts = {
    "teacher parameters": parameterCount(config),
    "student parameters": parameterCount(pruned.config),
    "loading the teacher s": loading,
    "importance s": measuring,
    "pruning and loading the student s": pruning,
    ...(step.time && {
      "step s": step.time.p50 / 1000,
      "tokens/s": B * T / step.time.p50 * 1000,
      "TFLOP a step": step.flops / 1e12,
      "step GFLOP/s": step.flops / step.time.p50 / 1e6,
    }),
    ...step.facts,
    ...Object.fromEntries(Object.entries(memory).map(([role, bytes]) => [`memory ${role} MiB`, bytes / MIB])),
    "memory MiB": engine.allocatedBytes() / MIB,
    "resident MiB": Deno.memoryUsage().rss / MIB,
  };
  training.release();
  for (const model of [teacher, student]) releaseGemma3(engine, model);
  return [{ ...step, facts }, measured.dispatches, ...measured.longest];
}

async function importance(engine: Engine, teacher: Gemma3, T: number): Promise<Importance> {
  const random = createRandom(4);
  const rows = Array.from(
    { length: ROWS },
    () => Uint32Array.from({ length: T }, () => random.integer(teacher.config.vocabSize)),
  );
  const padId = teacher.config.padTokenId ?? 0;
  return await measureImportance(
    engine,
    teacher,
    [paddedBatch(rows, { side: "left", padId })],
    "optipfair-0.2",
  );
}

/** Seconds since the last call. */
function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now(), seconds = (now - last) / 1000;
    last = now;
    return seconds;
  };
}
