import { join } from "node:path";
import { type EncodedRows, encodeRows, lmEvalResults, type TaskResult } from "../../eval/tasks/mod.ts";
import type { DatasetAccess } from "../../model/datasets/mod.ts";
import { writeJsonAtomic } from "../../model/files/mod.ts";
import type { Gemma3 } from "../../model/gemma3/mod.ts";
import type { Config } from "../../train/config/mod.ts";
import { evaluateTasks, headerOf, readTasks, writeAllSamples } from "../evaluate.ts";
import { PEBBLE, type Source, tokenizerOfSource } from "../inputs.ts";
import type { ModelName } from "../results.ts";
import { RUN_FILES } from "../run_files.ts";
import { type Job, stage } from "./job.ts";

/** Where the rows of tasks are: as configured, else Pebble's own where it is the teacher; undefined elsewhere. */
export function taskPlace({ teacher, evaluate: { task_data } }: Config): string | undefined {
  return task_data ?? (teacher === PEBBLE ? PEBBLE : undefined);
}

/** The tasks of a run as token ids. @throws as `readTasks` */
export async function configuredTasks(
  config: Config,
  source: Source,
  note: (text: string) => void,
  access: DatasetAccess,
): Promise<EncodedRows[]> {
  const { tasks, task_limit } = config.evaluate;
  if (tasks.length === 0) return [];
  const place = taskPlace(config);
  if (place === undefined) {
    note(
      "No task is evaluated: name the directory of their rows with --set evaluate.task_data=DIR, or take them from " +
        "the hub with --set evaluate.task_data=hub",
    );
    return [];
  }
  const rows = await readTasks(tasks, place, task_limit, access), tokenizer = tokenizerOfSource(source);
  return rows.map((task) => encodeRows(tokenizer, task));
}

/** Measures a model of a run on its tasks; results and samples are written in the shape of lm-evaluation-harness. */
export function measureTasks(job: Job, model: Gemma3, name: ModelName): Promise<Record<string, TaskResult>> {
  const { engine, config, source, rows: { tasks }, padId, run, reporter } = job;
  if (tasks.length === 0) return Promise.resolve({});
  return stage(job, `tasks of ${name}`, async () => {
    const started = performance.now();
    const evaluations = await evaluateTasks(engine, model, name, tasks, padId, reporter);
    const header = headerOf(engine, {
      ...{ name, config: model.config, limit: config.evaluate.task_limit, started },
      path: name === "teacher" ? source.opened.path : join(run, name),
    });
    const directory = join(run, RUN_FILES.tasks);
    await writeAllSamples(directory, name, evaluations);
    await writeJsonAtomic(join(directory, `${name}.json`), lmEvalResults(evaluations, header));
    return Object.fromEntries(evaluations.map(({ rows, result }) => [rows.task.name, result]));
  });
}
