/**
 * The teacher's final hidden states, kept on the device from the first epoch on: the teacher never changes, and its blocks
 * need not run again for a row that they have seen. Rows keep their places however batches are shuffled.
 */
import { createTensor, elementCount, type Target, type Tensor, UNSCORED } from "../engine/mod.ts";
import type { Gemma3Config } from "../model/config/mod.ts";
import type { Config } from "./config/mod.ts";
import { countSteps, type MicroBatch, type Row } from "./data/mod.ts";
import { needsTeacher } from "./losses/mod.ts";

/** Where the states of all rows stand: those of a row's scored positions together, row after row. */
export interface TeacherStates {
  /** [rows, C] each, one matrix in parts that a binding covers. */
  readonly parts: readonly Tensor[];
  /** First state of each row. */
  readonly starts: readonly number[];
}

/** `keep` runs the teacher and keeps its states, `kept` takes them from where they stand. */
export type StatesMode = "keep" | "kept";

/** Largest buffer of states: half of what the least ambitious adapters allow. */
const MOST_BYTES = 2 ** 30;

/** Lays out the states of these rows for a teacher of C channels. Nothing is allocated yet. */
export function declareTeacherStates(
  { maxBinding }: Pick<Target, "maxBinding">,
  rows: readonly Row[],
  C: number,
): TeacherStates {
  const starts: number[] = [];
  let total = 0;
  for (const row of rows) {
    starts.push(total);
    total += Math.max(0, row.length - 1);
  }
  const most = Math.floor(Math.min(maxBinding, MOST_BYTES) / 4 / C);
  const parts = Array.from(
    { length: Math.ceil(total / most) },
    (_, i) => createTensor(`teacher states ${i}`, "state", [Math.min(most, total - i * most), C]),
  );
  return { parts, starts };
}

/** The states that a training keeps as configured: none without a teacher, or where no epoch would come back to them. */
export function configuredStates(
  target: Pick<Target, "maxBinding">,
  { train, loss }: Pick<Config, "train" | "loss">,
  rows: readonly Row[],
  teacher: Gemma3Config | undefined,
): TeacherStates | undefined {
  if (!train.keep_teacher_states || !teacher || !needsTeacher(loss)) return undefined;
  const order = { microBatch: train.micro_batch, accumulation: train.accumulation };
  const once = countSteps(rows.length, { ...order, epochs: 1, maxSteps: null });
  const all = countSteps(rows.length, { ...order, epochs: train.epochs, maxSteps: train.max_steps });
  return all > once ? declareTeacherStates(target, rows, teacher.hiddenSize) : undefined;
}

/** Bytes of all states. */
export function stateBytes({ parts }: TeacherStates): number {
  return parts.reduce((sum, { shape }) => sum + 4 * elementCount(shape), 0);
}

/**
 * For each place of a micro-batch the state that it stands for, `UNSCORED` where nothing is scored.
 *
 * @param positions position of each place
 */
export function placesOfStates(
  { starts }: TeacherStates,
  { rowIds, targets, T }: MicroBatch,
  positions: Row,
): Row {
  return positions.map((n) =>
    (targets[n] ?? UNSCORED) === UNSCORED ? UNSCORED : starts[rowIds![Math.floor(n / T)]!]! + n % T
  );
}
