/** One training step, run on the device and recorded. */
import { type Engine, measureLimits, type Prepared, timeDispatches } from "../../../engine/mod.ts";
import { type Gemma3, loadGemma3, uploadPlaces } from "../../../model/gemma3/mod.ts";
import { pruneModel } from "../../../model/pruning/mod.ts";
import type { Config } from "../../../train/config/mod.ts";
import { microBatch, type Row, scoredCapacities } from "../../../train/data/mod.ts";
import { feedBatch } from "../../../train/feed.ts";
import { optimizerOf } from "../../../train/heal.ts";
import { type LossConfig, needsTeacher } from "../../../train/losses/mod.ts";
import { METRICS, metricsOf } from "../../../train/metrics.ts";
import { scheduleValues } from "../../../train/optim/mod.ts";
import { declareState, recordStep } from "../../../train/step.ts";
import { loadOpened, padIdOf, type Source, teacherHeld, tokenizerOfSource } from "../../inputs.ts";
import type { About, Recording, Token } from "../recording.ts";
import { describeProgram } from "./describe.ts";
import { keptBlocks } from "./kept.ts";
import { observe } from "./observe.ts";
import { createValueStore } from "./values.ts";

/** What to record. */
export interface StepToRecord {
  readonly title: string;
  readonly teacher: Source;
  /** The student as it was trained, or the teacher without its dropped blocks where missing. */
  readonly student?: Source | undefined;
  readonly dropped: readonly number[];
  readonly config: Config;
  /** The row to learn. */
  readonly row: Row;
}

/** Entries of the largest vocabulary whose texts go into the page. */
const VOCABULARY = 4096;
/** Runs whose times are taken; each dispatch is told the median of its own. */
const TIMED_RUNS = 9;

/** Runs one step of distillation on one row and records every dispatch of it. */
export async function recordTrainingStep(
  engine: Engine,
  spec: StepToRecord,
  note: (text: string) => void,
): Promise<Recording> {
  const { config, row, teacher: source } = spec, { train } = config, loss: LossConfig = config.loss;
  const batch = microBatch([row], [row.length], padIdOf(source)), { B, T } = batch;
  const student = await loadStudent(engine, spec);
  const held = teacherHeld(config, source.opened, note);
  const teacher = needsTeacher(loss)
    ? await loadOpened(engine, source.opened, { label: "teacher", positions: T, held })
    : undefined;
  const state = declareState(student), optimizer = optimizerOf(train);
  const step = recordStep(engine.target, {
    ...{ student, teacher, state, loss, optimizer, lossChunk: train.loss_chunk, recompute: train.recompute },
    batches: [{ B, T, scored: scoredCapacities([batch])[0]! }],
  });
  const prepared = await engine.prepare(step.program), [inputs] = step.inputs;
  await uploadPlaces(engine, inputs!);
  await feedBatch(engine, inputs!, batch, 1 / batch.tokens);
  await engine.write(step.schedule, scheduleValues(train.lr, 1, optimizer.betas));

  const store = createValueStore();
  const blocks = keptBlocks({ teacher: source.opened.config.layerTypes, student: student.config.layerTypes });
  const observed = await observe(engine, prepared, blocks, store);
  const history = await engine.read(state.history) as Float32Array;
  const metrics = metricsOf(history.subarray(0, METRICS), loss, {
    ...{ step: 1, lr: train.lr, tokens: batch.tokens, tokensPerSecond: 0 },
  });
  const about: About = {
    title: spec.title,
    teacher: { name: config.teacher ?? "none", blocks: source.opened.config.numHiddenLayers },
    student: { blocks: student.config.numHiddenLayers, dropped: spec.dropped },
    loss: `${loss.kind}, alpha ${loss.alpha}, beta ${loss.beta}, temperature ${loss.temperature}`,
    adapter: engine.device.info.description,
    ...{ software: engine.target.software, subgroupSize: engine.target.subgroupSize },
    limits: await measureLimits(engine),
    timedRuns: TIMED_RUNS,
    losses: {
      crossEntropy: metrics.crossEntropy,
      distillation: metrics.distillation,
      total: metrics.total,
      gradientNorm: metrics.gradientNorm,
    },
    kept: `All values of student blocks ${[...blocks.student].join(", ")}, of teacher block ${
      [...blocks.teacher].join(", ")
    } and of what stands outside blocks; of the rest a picture. Of the model's whole memory, which AdamW walks, the first elements.`,
  };
  const times = await medianTimes(engine, prepared);
  const described = describeProgram(step.program, prepared.plan, observed, times);
  return { about, ...textsOf(spec, batch.targets), ...described, ...store.pack() };
}

async function loadStudent(
  engine: Engine,
  { teacher, student, dropped, row }: StepToRecord,
): Promise<Gemma3> {
  const options = { label: "student", positions: row.length, differentiable: true };
  if (student) return await loadOpened(engine, student.opened, options);
  const pruned = pruneModel(teacher.opened, dropped);
  return await loadGemma3(engine, pruned.config, pruned.read, options);
}

/** Each dispatch's median over some runs; they go on learning, which changes no time. */
async function medianTimes(engine: Engine, prepared: Prepared): Promise<Float64Array> {
  const runs: Float64Array[] = [];
  while (runs.length < TIMED_RUNS) runs.push(await timeDispatches(engine, prepared));
  return runs[0]!.map((_, i) => runs.map((run) => run[i]!).sort((a, b) => a - b)[TIMED_RUNS >> 1]!);
}

/** The row in words, and the vocabulary where it is small. */
function textsOf({ teacher, row }: StepToRecord, targets: Row): Pick<Recording, "tokens" | "vocabulary"> {
  const tokenizer = tokenizerOfSource(teacher), { vocabSize } = teacher.opened.config;
  const text = (id: number) => tokenizer.decode([id]);
  const tokens = Array.from(row, (id, t): Token => ({
    ...{ id, text: text(id) },
    ...t + 1 < row.length && { target: targets[t]!, targetText: text(targets[t]!) },
  }));
  const vocabulary = vocabSize <= VOCABULARY ? Array.from({ length: vocabSize }, (_, id) => text(id)) : [];
  return { tokens, vocabulary };
}
