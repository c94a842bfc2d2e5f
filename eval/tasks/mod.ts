/** Benchmarks: the five tasks, their rows, their requests and their metrics. */
import { UsageError } from "../../engine/mod.ts";
import { didYouMean } from "../../train/config/mod.ts";
import { arcEasy } from "./arc_easy.ts";
import { hellaswag } from "./hellaswag.ts";
import { lambadaOpenai } from "./lambada_openai.ts";
import { piqa } from "./piqa.ts";
import type { Task } from "./task.ts";
import { winogrande } from "./winogrande.ts";

export { type EncodedRows, encodeRows, longestFed } from "./encode.ts";
export { evaluateTask, type TaskEvaluation, type TaskResult } from "./evaluate.ts";
export { formatTable, lmEvalResults, lmEvalSamples } from "./lm_eval.ts";
export { limitRows, readTaskRows, rowsFrom, type TaskRow, type TaskRows } from "./rows.ts";
export type { Item, TextRequest } from "./item.ts";
export type { Task } from "./task.ts";

/** Every task, in the order they are listed in. */
export const TASKS: readonly Task[] = [arcEasy, winogrande, hellaswag, lambadaOpenai, piqa];

/** The task of that name. @throws {UsageError} that lists all of them and names the nearest */
export function findTask(name: string): Task {
  const task = TASKS.find((task) => task.name === name);
  if (task) return task;
  const names = TASKS.map((task) => task.name);
  throw new UsageError(
    `Unknown task ${JSON.stringify(name)}: there are ${names.join(", ")}${
      didYouMean(name, names, "give one of these")
    }`,
  );
}
