import { join } from "node:path";
import { type EncodedRows, encodeRows, lmEvalResults, type TaskResult } from "../../eval/tasks/mod.ts";
import type { DatasetAccess } from "../../model/datasets/mod.ts";
import { writeJsonAtomic } from "../../model/files/mod.ts";
import type { Config } from "../../train/config/mod.ts";
import { evaluateTasks, headerOf, readTasks, samplesFile, writeAllSamples } from "../evaluate.ts";
import { PEBBLE, type Source, tokenizerOfSource } from "../inputs.ts";
import type { ModelName } from "../results.ts";
import { RUN_FILES } from "../run_files.ts";
import type { Job } from "./job.ts";
import type { OnDevice } from "./on_device.ts";
import type { KeptStage } from "./stages.ts";

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

/**
 * The stage that measures a model of a run on its tasks; results and samples are written in the shape of
 * lm-evaluation-harness.
 *
 * @param key of what the model is
 */
export function tasksStage(
  job: Job,
  get: OnDevice["get"],
  name: ModelName,
  key: string,
): KeptStage<Record<string, TaskResult>> {
  const { engine, config, source, rows: { tasks }, padId, run, reporter, identity } = job;
  const directory = join(run, RUN_FILES.tasks);
  return {
    name: `tasks of ${name}`,
    inputs: [key, identity.tasks, config.evaluate.task_limit, padId],
    outputs: tasks.length === 0 ? [] : [
      join(RUN_FILES.tasks, `${name}.json`),
      ...tasks.map(({ rows }) => join(RUN_FILES.tasks, samplesFile(name, rows.task.name))),
    ],
    work: async () => {
      const model = await get(), started = performance.now();
      const evaluations = await evaluateTasks(engine, model, name, tasks, padId, reporter);
      const header = headerOf(engine, {
        ...{ name, config: model.config, limit: config.evaluate.task_limit, started },
        path: name === "teacher" ? source.name : join(run, name),
      });
      await job.directory.check();
      await writeAllSamples(directory, name, evaluations);
      await writeJsonAtomic(join(directory, `${name}.json`), lmEvalResults(evaluations, header));
      return Object.fromEntries(evaluations.map(({ rows, result }) => [rows.task.name, result]));
    },
  };
}
