/** Training steps of the same model by several libraries, their losses and gradients compared at every step. */
import { statistics } from "../../measure.ts";
import type { Contest, Contestant, Entry } from "../contest.ts";
import { countDispatches } from "../dispatches.ts";
import { batchOf, describeTask, type TrainingTask } from "./task.ts";
import type { Outcome, Trainee } from "./trainee.ts";

/** How much is trained, and in which order. */
export interface TrainingEffort {
  /** Steps that compile, allocate and settle; they are compared, and their times do not count. */
  readonly warmUp: number;
  /** Steps that are timed. */
  readonly steps: number;
  /**
   * Whether the trainees take turns, a step each, so that a machine that slows down slows down all. One after another
   * where the memory does not hold them all.
   */
  readonly inTurns: boolean;
}

/** What a trainee did. */
export interface Record extends Contestant {
  readonly outcomes: readonly Outcome[];
  /** Of its last step. */
  readonly dispatches: number;
}

/** How far two right trainings in f32 part, relative: rounding grows from step to step. */
const TOLERANCE = { first: { loss: 2e-5, norm: 2e-4 }, later: { loss: 2e-3, norm: 2e-2 } } as const;

/** Trains the task; the first trainee is the one that the others are compared with. */
export async function benchTraining(
  task: TrainingTask,
  open: readonly (() => Promise<Trainee>)[],
  effort: TrainingEffort,
): Promise<Contest> {
  const records: Record[] = [];
  for (const group of effort.inTurns ? [open] : open.map((each) => [each])) {
    records.push(...await trainInTurns(task, group, effort));
  }
  const entries = records.map((record) => entryOf(task, record, records[0]!.outcomes, effort.warmUp));
  return { name: task.name, shape: describeTask(task), flops: 0, bytes: 0, entries };
}

async function trainInTurns(
  task: TrainingTask,
  open: readonly (() => Promise<Trainee>)[],
  { warmUp, steps }: TrainingEffort,
): Promise<Record[]> {
  const trainees: Trainee[] = [];
  try {
    for (const each of open) trainees.push(await each());
    const outcomes = trainees.map((): Outcome[] => []), dispatches: number[] = [];
    for (let step = 1; step <= warmUp + steps; step++) {
      const batch = batchOf(task, step);
      for (const [i, trainee] of trainees.entries()) {
        dispatches[i] = await countDispatches(async () => {
          outcomes[i]!.push(await trainee.step(batch));
        });
      }
    }
    return trainees.map(({ title, kind }, i) => ({
      title,
      kind,
      outcomes: outcomes[i]!,
      dispatches: dispatches[i]!,
    }));
  } finally {
    for (const trainee of trainees) await trainee.close();
  }
}

/** What a trainee showed; a time only where it trained as the reference did. */
export function entryOf(
  { B, T }: Pick<TrainingTask, "B" | "T">,
  { title, kind, outcomes, dispatches }: Record,
  reference: readonly Outcome[],
  warmUp: number,
): Entry {
  const wrong = kind !== "cpu" && dispatches === 0
    ? "it dispatched nothing on the adapter"
    : differences(outcomes, reference);
  const time = statistics(outcomes.slice(warmUp).map(({ milliseconds }) => milliseconds));
  const last = outcomes.at(-1)!;
  const facts = {
    "tokens/s": B * T / time.p50 * 1000,
    "first step ms": outcomes[0]!.milliseconds,
    dispatches,
    "last cross-entropy": last.crossEntropy,
    "last gradient norm": last.gradientNorm,
  };
  return wrong === undefined ? { title, kind, time, facts } : { title, kind, time: undefined, facts, wrong };
}

/** The first number that is not the reference's, with its name and step; NaN is none. */
export function differences(
  outcomes: readonly Outcome[],
  reference: readonly Outcome[],
): string | undefined {
  for (const [i, outcome] of outcomes.entries()) {
    const { loss, norm } = i === 0 ? TOLERANCE.first : TOLERANCE.later;
    const limits = { crossEntropy: loss, distillation: loss, gradientNorm: norm };
    for (const [name, limit] of Object.entries(limits) as [keyof typeof limits, number][]) {
      const expected = reference[i]![name], actual = outcome[name];
      if (!(Math.abs(actual - expected) <= limit * Math.abs(expected))) {
        return `${name} of step ${i + 1} is ${actual} for ${expected}`;
      }
    }
  }
  return undefined;
}
