import type { Engine } from "../../engine/mod.ts";
import type { Gemma3 } from "../../model/gemma3/mod.ts";
import { type Likelihood, type LikelihoodOptions, measureLikelihoods } from "../likelihood/mod.ts";
import type { EncodedRows } from "./encode.ts";
import type { TaskRow, TaskRows } from "./rows.ts";
import type { Task } from "./task.ts";

/** How well a model does a task; `results.json` holds it. */
export interface TaskResult {
  /** Items. */
  readonly n: number;
  readonly metrics: Readonly<Record<string, { readonly value: number; readonly stderr: number | null }>>;
  /** Numbers of the items in their order, by metric: 0 or 1 of `acc` and `acc_norm`; `log_likelihood` of perplexity. */
  readonly items: Readonly<Record<string, readonly number[]>>;
}

/** A result with all that it was made of. */
export interface TaskEvaluation {
  readonly rows: TaskRows;
  /** Of each row's requests. */
  readonly likelihoods: readonly (readonly Likelihood[])[];
  readonly result: TaskResult;
}

/** Scores the rows of a task with a model on the device. @throws as {@link measureLikelihoods} */
export async function evaluateTask(
  engine: Engine,
  model: Gemma3,
  { rows, requests }: EncodedRows,
  options: LikelihoodOptions,
): Promise<TaskEvaluation> {
  const flat = await measureLikelihoods(engine, model, requests.flat(), options);
  let at = 0;
  const likelihoods = requests.map(({ length }) => flat.slice(at, at += length));
  return { rows, likelihoods, result: resultOf(rows.task, rows.rows, likelihoods) };
}

/** The metrics of a task's rows. */
export function resultOf(
  { metrics }: Task,
  rows: readonly TaskRow[],
  likelihoods: readonly (readonly Likelihood[])[],
): TaskResult {
  const measured = metrics.map(({ name, itemName = name, ofItem, aggregation }) => {
    const values = rows.map(({ item }, i) => ofItem(item, likelihoods[i]!));
    const total = { value: aggregation.value(values), stderr: aggregation.standardError(values) };
    return { name, itemName, values, total };
  });
  return {
    n: rows.length,
    metrics: Object.fromEntries(measured.map(({ name, total }) => [name, total])),
    items: Object.fromEntries(measured.map(({ itemName, values }) => [itemName, values])),
  };
}
