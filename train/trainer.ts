import { type Engine, type Prepared, rows } from "../engine/mod.ts";
import { type Gemma3, type Recompute, slotsOf, uploadPlaces } from "../model/gemma3/mod.ts";
import type { TrainedTensors } from "./checkpoint/mod.ts";
import { type MicroBatch, scoredCapacities } from "./data/mod.ts";
import { feedBatch } from "./feed.ts";
import type { LossConfig } from "./losses/mod.ts";
import { findNotFinite } from "./find_not_finite.ts";
import { METRICS, metricsOf, NotFinite, type StepMetrics } from "./metrics.ts";
import { scheduleValues } from "./optim/mod.ts";
import {
  type BatchShape,
  declareState,
  recordStep,
  recordTeacherStates,
  type Step,
  type StepSpec,
} from "./step.ts";
import type { StatesMode, TeacherStates } from "./teacher_states.ts";

/** What a trainer trains, and how. */
export interface TrainerSpec {
  readonly engine: Engine;
  readonly student: Gemma3;
  readonly teacher: Gemma3 | undefined;
  readonly loss: LossConfig;
  readonly optimizer: StepSpec["optimizer"];
  /** `step`: mean over the tokens of the whole step; `micro_batch`: mean of the micro-batches' means. */
  readonly normalize: "step" | "micro_batch";
  /** Most steps whose metrics are read together. */
  readonly metricsEvery: number;
  /** Positions whose logits exist at once; the default where null. */
  readonly lossChunk?: number | null;
  /** Activations that are computed again for the gradient; default "none". */
  readonly recompute?: Recompute;
  /** Where the teacher's final states are kept from a row's first step on; batches then say which rows they have. */
  readonly states?: TeacherStates | undefined;
}

/**
 * Runs optimizer steps. Programs are recorded once for each combination of shapes.
 *
 * Reading from the device waits for it, so metrics are read only now and then, and the step after is submitted before
 * they are awaited: the device is never idle for the host's sake.
 */
export interface Trainer {
  /** Optimizer steps submitted. */
  readonly steps: number;
  /** Device bytes of the largest step prepared so far, by its plan. */
  readonly memoryBytes: number;
  /** What changes from step to step: the parameters and both moments, for checkpoints. */
  readonly tensors: TrainedTensors;
  /**
   * Goes on after `steps` steps of an earlier trainer, whose {@link Trainer.tensors} stand in these.
   *
   * @param earlier micro-batches of the steps in which that trainer kept the teacher's states: they are computed again
   */
  goOn(
    from: { readonly steps: number; readonly memoryBytes: number },
    earlier: Iterable<readonly MicroBatch[]>,
  ): Promise<void>;
  /**
   * Submits one optimizer step over one or several micro-batches.
   *
   * @param divisor micro-batches that `micro_batch` normalisation divides by; those given where undefined
   * @returns what was read meanwhile of earlier steps, each once and in order. Iterating throws NotFinite at the first whose
   *   loss or gradient is not finite, with the tensor at which it began; parameters stay those before that step
   */
  step(batches: readonly MicroBatch[], lr: number, divisor?: number): Promise<Iterable<StepMetrics>>;
  /** Waits for all steps submitted; what they measured that {@link Trainer.step} has not told. */
  rest(): Promise<Iterable<StepMetrics>>;
  /** Gives gradients and moments back, once nothing that was begun needs them. */
  close(): Promise<void>;
}

/** Metrics are read at least about this often, in seconds, so that progress shows and Ctrl-C is soon seen. */
const PATIENCE = 1;

/** A step whose metrics still stand on the device. */
interface Submitted extends Pick<StepMetrics, "step" | "lr" | "tokens"> {
  /** Submits it once more: where it halted the training, this changes nothing but the gradients. */
  again(): Promise<void>;
}

interface PreparedStep {
  readonly step: Step;
  readonly prepared: Prepared;
}

/** Creates a trainer for a student on the device. */
export function createTrainer(spec: TrainerSpec): Trainer {
  const { engine, student, teacher, loss, optimizer, lossChunk = null, recompute = "none", states } = spec;
  const state = declareState(student, spec.metricsEvery), prepared = new Map<string, Promise<PreparedStep>>();
  /** Rows whose teacher states are kept. */
  const kept = new Set<number>();
  let steps = 0, memoryBytes = 0;
  /** Row i of the history is that of waiting[i]. */
  let waiting: Submitted[] = [], reading: Promise<Iterable<StepMetrics>> | undefined;
  let readAt = 0, secondsPerStep = Infinity;
  /** Nobody asks any more where a step was not finite: an earlier one is told, or the trainer is closed. */
  let ended = false;

  async function readHistory(): Promise<Iterable<StepMetrics>> {
    const read = waiting;
    waiting = [];
    const values = await engine.read(rows(state.history, 0, read.length)) as Float32Array;
    const seconds = (performance.now() - readAt) / 1000;
    readAt = performance.now();
    secondsPerStep = seconds / read.length;
    const tokensPerSecond = read.reduce((sum, { tokens }) => sum + tokens, 0) / seconds;
    const known: StepMetrics[] = [];
    for (const [i, { again, ...at }] of read.entries()) {
      try {
        known.push(
          metricsOf(values.subarray(i * METRICS, (i + 1) * METRICS), loss, { ...at, tokensPerSecond }),
        );
      } catch (error) {
        if (!(error instanceof NotFinite)) throw error;
        if (ended) return endingIn(known, error);
        ended = true;
        await again();
        const first = await findNotFinite(engine, {
          student: student.parameters,
          teacher: teacher?.parameters,
          gradients: state.gradients,
        });
        return endingIn(known, first === undefined ? error : error.at(first));
      }
    }
    return known;
  }

  const settings = { student, teacher, state, loss, optimizer, lossChunk, recompute };
  async function prepare(batches: readonly BatchShape[], mode?: StatesMode): Promise<PreparedStep> {
    const step = recordStep(engine.target, {
      ...settings,
      batches,
      ...(states && mode && { states: { parts: states.parts, mode } }),
    });
    const ready = await engine.prepare(step.program);
    for (const inputs of step.inputs) await uploadPlaces(engine, inputs);
    memoryBytes = Math.max(memoryBytes, Object.values(ready.memory).reduce((sum, bytes) => sum + bytes, 0));
    return { step, prepared: ready };
  }

  /** Keeps the teacher's states of rows that an earlier trainer has seen, computed in the same batches as there. */
  async function keepStates(earlier: Iterable<readonly MicroBatch[]>, states: TeacherStates): Promise<void> {
    const recorded = new Map<string, ReturnType<typeof recordTeacherStates> & { ready: Prepared }>();
    for (const batches of earlier) {
      const shapes = shapesOf(batches), key = JSON.stringify(shapes);
      if (!recorded.has(key)) {
        const { parts } = states;
        const step = recordTeacherStates(engine.target, { teacher: teacher!, batches: shapes, parts });
        recorded.set(key, { ...step, ready: await engine.prepare(step.program) });
        for (const inputs of step.inputs) await uploadPlaces(engine, inputs);
      }
      const { inputs, ready } = recorded.get(key)!;
      for (const [i, batch] of batches.entries()) {
        await feedBatch(engine, inputs[i]!, batch, 0, states);
        batch.rowIds!.forEach((id) => kept.add(id));
      }
      engine.run(ready);
    }
    for (const { inputs, ready } of recorded.values()) {
      engine.discard(ready);
      engine.release(inputs.flatMap(inputSlots));
    }
  }

  return {
    get steps() {
      return steps;
    },
    get memoryBytes() {
      return memoryBytes;
    },
    tensors: {
      parameters: student.parameters,
      first_moments: state.firstMoments,
      second_moments: state.secondMoments,
    },
    async goOn(from, earlier) {
      [steps, memoryBytes] = [from.steps, from.memoryBytes];
      if (states) await keepStates(earlier, states);
    },
    async step(batches, lr, divisor = batches.length) {
      if (waiting.length === 0 && !reading) readAt = performance.now(); // what came between is not training
      const shapes = shapesOf(batches);
      const mode = states &&
        (batches.every((batch) => batch.rowIds!.every((id) => kept.has(id))) ? "kept" : "keep");
      const key = `${mode} ${shapes.map(({ B, T, scored }) => `${B}x${T}/${scored}`)}`;
      if (!prepared.has(key)) prepared.set(key, prepare(shapes, mode));
      const { step, prepared: ready } = await prepared.get(key)!;
      const tokens = batches.reduce((sum, batch) => sum + batch.tokens, 0);
      const schedule = scheduleValues(lr, steps + 1, optimizer.betas, waiting.length);
      const submit = async () => {
        for (const [i, inputs] of step.inputs.entries()) {
          const batch = batches[i]!;
          const weight = spec.normalize === "step" ? 1 / tokens : 1 / (batch.tokens * divisor);
          if (batch.first) {
            await uploadPlaces(engine, inputs, { first: batch.first, end: batch.first.map(() => batch.T) });
          }
          await feedBatch(engine, inputs, batch, weight, states);
        }
        await engine.write(step.schedule, schedule);
        engine.run(ready);
      };
      await submit();
      for (const { rowIds } of batches) rowIds?.forEach((id) => kept.add(id));
      waiting.push({ step: ++steps, lr, tokens, again: submit });
      const known = await (reading ?? []);
      reading = undefined;
      if (waiting.length >= Math.min(spec.metricsEvery, PATIENCE / secondsPerStep)) {
        reading = readHistory();
        reading.catch(() => {}); // told where it is awaited: by the next step
        await eventsTurn();
      }
      return known;
    },
    async rest() {
      const known = await (reading ?? []), last = waiting.length > 0 ? await readHistory() : [];
      reading = undefined;
      return [known, last].values().flatMap((metrics) => metrics);
    },
    async close() {
      ended = true;
      await reading?.catch(() => {});
      engine.release([state.gradients, state.firstMoments, state.secondMoments].flatMap(slotsOf));
      engine.release([state.history.slot, ...(states?.parts ?? []).map(({ slot }) => slot)]);
      // A step that could not be prepared has told so where it was asked for.
      for (const each of await Promise.allSettled(prepared.values())) {
        if (each.status === "rejected") continue;
        const { step, prepared } = each.value;
        engine.discard(prepared);
        engine.release([step.schedule.slot, ...step.inputs.flatMap(inputSlots)]);
      }
    },
  };
}

/** What was measured before an error, and then the error. */
function* endingIn(known: readonly StepMetrics[], error: Error): Iterable<StepMetrics> {
  yield* known;
  throw error;
}

function shapesOf(batches: readonly MicroBatch[]): BatchShape[] {
  const capacities = scoredCapacities(batches);
  return batches.map(({ B, T }, i) => ({ B, T, scored: capacities[i]! }));
}

const inputSlots = ({ compaction, ...inputs }: Step["inputs"][number]) =>
  [...Object.values(inputs), ...Object.values(compaction ?? {})].flatMap((tensor) =>
    tensor ? [tensor.slot] : []
  );

/** Lets signals be heard: in Deno a read blocks the thread until the device is done. */
const eventsTurn = () => new Promise((resolve) => setTimeout(resolve));
