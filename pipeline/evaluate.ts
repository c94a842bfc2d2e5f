/** Benchmarks: `evaluate` for models one after another, and the same measurement for a model of a run. */
import { join } from "node:path";
import { type Engine, UsageError } from "../engine/mod.ts";
import { hashModel, type LikelihoodStore, openStore } from "../eval/likelihood/mod.ts";
import { pairedDifference, plainSentence } from "../eval/statistics/mod.ts";
import {
  type EncodedRows,
  encodeRows,
  evaluateTask,
  findTask,
  limitRows,
  lmEvalResults,
  lmEvalSamples,
  longestFed,
  readTaskRows,
  rowsFrom,
  type TaskEvaluation,
  type TaskRows,
} from "../eval/tasks/mod.ts";
import { type Gemma3Config, parameterCount } from "../model/config/mod.ts";
import type { DatasetAccess } from "../model/datasets/mod.ts";
import { makeDirectory, writeFileAtomic } from "../model/files/mod.ts";
import { type Gemma3, releaseGemma3 } from "../model/gemma3/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { type PebbleTasks, pebbleTasks } from "../train/data/mod.ts";
import { datasetAccess, datasetTask, HUB } from "./datasets.ts";
import { environmentOf } from "./environment.ts";
import { loadOpened, openSource, padIdOf, PEBBLE, type Source, tokenizerOfSource } from "./inputs.ts";
import type { Reporter } from "./reporter.ts";

/** What `evaluate` measures. */
export interface EvaluateRequest {
  /** Model directories or GGUF files. */
  readonly models: readonly string[];
  /** Names of tasks. */
  readonly tasks: readonly string[];
  /** Directory of the tasks' rows; "pebble" for the embedded world's, "hub" for their data sets there. */
  readonly taskData: string;
  /** Rows of each task, or their share below 1; null takes all. */
  readonly limit: number | null;
  /** Where samples are logged: a directory, or for one model and one task a `.jsonl` file. */
  readonly logSamples: string | undefined;
  /** File that keeps the likelihoods of all models, and gives those that it has. */
  readonly useCache?: string;
  readonly opening: Pick<Config, "tokenizer" | "repair">;
}

/** What a model makes of the tasks. */
export interface ModelEvaluation {
  readonly model: string;
  readonly tasks: readonly TaskEvaluation[];
  /** The results as lm-evaluation-harness writes them. */
  readonly results: ReturnType<typeof lmEvalResults>;
}

/**
 * Reads the rows of tasks, from a directory or, for `pebble`, of the embedded world, or for `hub` from their data sets there.
 *
 * @throws {UsageError} for an unknown task; {DataError} for rows that cannot be used; {HubError}
 */
export async function readTasks(
  names: readonly string[],
  place: string,
  limit: number | null,
  access: DatasetAccess,
): Promise<TaskRows[]> {
  const tasks = [...new Set(names)].map(findTask), own = place === PEBBLE ? pebbleTasks() : undefined;
  const read: TaskRows[] = [];
  for (const task of tasks) {
    const rows = own
      ? rowsFrom(task, `${PEBBLE} ${task.name}`, own[task.name as keyof PebbleTasks])
      : place === HUB
      ? await datasetTask(access, task)
      : await readTaskRows(task, place);
    read.push(limitRows(rows, limit));
  }
  return read;
}

/**
 * Measures tasks with a model on the device, which was loaded for {@link longestFed} positions.
 *
 * @param store likelihoods of earlier runs; new ones are put into it
 */
export async function evaluateTasks(
  engine: Engine,
  model: Gemma3,
  name: string,
  encoded: readonly EncodedRows[],
  padId: number,
  reporter: Reporter,
  store?: LikelihoodStore,
): Promise<TaskEvaluation[]> {
  const kept = store && { store, modelHash: await hashModel(engine, model) };
  const evaluations: TaskEvaluation[] = [];
  for (const rows of encoded) {
    const stage = `${rows.rows.task.name} of ${name}`;
    const onRequests = (done: number, total: number) =>
      reporter.update({ stage, done, total, unit: "requests", showsRate: true });
    onRequests(0, rows.requests.flat().length);
    const { signal } = reporter;
    evaluations.push(await evaluateTask(engine, model, rows, { padId, signal, onRequests, kept }));
  }
  return evaluations;
}

/** What each model's answers say beside the first model's on the same items: a sentence for every score of every task. */
export function comparisonSentences([first, ...others]: readonly ModelEvaluation[]): string[] {
  return others.flatMap(({ model, tasks }) =>
    tasks.flatMap(({ rows, result }, t) =>
      Object.entries(result.items).map(([metric, values]) =>
        plainSentence(
          { names: [model, first!.model], on: `${rows.task.name} (${metric})` },
          pairedDifference(values, first!.tasks[t]!.result.items[metric]!),
        )
      )
    )
  );
}

/** The `evaluate` command: all input is read and checked before the engine is opened. */
export async function runEvaluate(
  openEngine: () => Promise<Engine>,
  request: EvaluateRequest,
  reporter: Reporter,
): Promise<ModelEvaluation[]> {
  const { models, tasks, taskData, limit, logSamples, useCache, opening } = request;
  if (logSamples?.endsWith(".jsonl") && (models.length > 1 || new Set(tasks).size > 1)) {
    throw new UsageError(
      `Cannot log the samples of several tasks or models into ${logSamples}; name a directory with --log-samples`,
    );
  }
  const rows = await readTasks(tasks, taskData, limit, datasetAccess(reporter)), sources: Source[] = [];
  const store = useCache === undefined ? undefined : await openStore(useCache);
  try {
    for (const path of models) sources.push(await openSource(path, opening, reporter));
    const encoded = sources.map((source) => rows.map((task) => encodeRows(tokenizerOfSource(source), task)));
    requireSameIds(models, encoded);
    const evaluations: ModelEvaluation[] = [];
    for (const [i, source] of sources.entries()) {
      const engine = await openEngine(), name = distinctName(models, i);
      const evaluation = await evaluateSource(engine, source, name, encoded[i]!, limit, reporter, store);
      if (logSamples !== undefined) await logTo(logSamples, name, evaluation);
      evaluations.push(evaluation);
    }
    return evaluations;
  } finally {
    store?.close();
    for (const { opened } of sources) opened.weights.close();
  }
}

async function evaluateSource(
  engine: Engine,
  source: Source,
  name: string,
  encoded: readonly EncodedRows[],
  limit: number | null,
  reporter: Reporter,
  store: LikelihoodStore | undefined,
): Promise<ModelEvaluation> {
  const { opened, name: path } = source, { config } = opened, started = performance.now();
  const positions = longestFed(encoded, config.maxPositionEmbeddings);
  const model = await loadOpened(engine, opened, { label: name, positions });
  try {
    const tasks = await evaluateTasks(engine, model, name, encoded, padIdOf(source), reporter, store);
    const header = headerOf(engine, { name, path, config, limit, started });
    return { model: path, tasks, results: lmEvalResults(tasks, header) };
  } finally {
    releaseGemma3(engine, model);
  }
}

/** What lm-evaluation-harness's results say of a model beside its tasks; `started` is of the clock performance.now(). */
export function headerOf(
  engine: Engine,
  { name, path, config, limit, started }: {
    readonly name: string;
    readonly path: string;
    readonly config: Gemma3Config;
    readonly limit: number | null;
    readonly started: number;
  },
): Readonly<Record<string, unknown>> {
  const seconds = (performance.now() - started) / 1000;
  return {
    config: {
      model: "lapidary",
      model_args: { pretrained: path },
      model_num_parameters: parameterCount(config),
      model_dtype: "float32",
      limit,
      bootstrap_iters: 100_000,
    },
    date: Date.now() / 1000 - seconds,
    environment: environmentOf(engine),
    model_name: name,
    max_length: config.maxPositionEmbeddings,
    total_evaluation_time_seconds: String(seconds),
  };
}

/**
 * Models are compared item by item, and a log-likelihood is one of certain tokens: models must agree on the ids.
 *
 * @throws {UsageError} that names the first item they part ways at
 */
function requireSameIds(models: readonly string[], encoded: readonly (readonly EncodedRows[])[]): void {
  for (const [i, other] of encoded.entries()) {
    if (i === 0) continue;
    for (const [t, { rows, requests }] of other.entries()) {
      const differing = requests.findIndex((request, row) =>
        JSON.stringify(request) !== JSON.stringify(encoded[0]![t]!.requests[row])
      );
      if (differing < 0) continue;
      throw new UsageError(
        `Cannot compare ${models[0]} and ${models[i]} item by item as their tokenizers differ: ${
          rows.rows[differing]!.place
        } of ${rows.path} becomes other ids; evaluate each alone, or give both the same --tokenizer`,
      );
    }
  }
}

/** The last part of a model's path; its place stands behind it where another model has the same. */
function distinctName(models: readonly string[], i: number): string {
  const names = models.map((path) => path.replace(/[/\\]+$/, "").replace(/^.*[/\\]/, "") || "model");
  return names.filter((name) => name === names[i]).length > 1 ? `${names[i]}-${i + 1}` : names[i]!;
}

/** Writes the samples of each task: to the `.jsonl` file, or as `MODEL.TASK.samples.jsonl` into the directory. */
async function logTo(place: string, name: string, { tasks }: ModelEvaluation): Promise<void> {
  if (place.endsWith(".jsonl")) return await writeSamples(place, tasks[0]!);
  await writeAllSamples(place, name, tasks);
}

/** Name of the file with the samples of a task. */
export const samplesFile = (model: string, task: string): string => `${model}.${task}.samples.jsonl`;

/** Writes the samples of each task as `MODEL.TASK.samples.jsonl` into the directory. */
export async function writeAllSamples(
  directory: string,
  name: string,
  tasks: readonly TaskEvaluation[],
): Promise<void> {
  await makeDirectory(directory);
  for (const task of tasks) {
    await writeSamples(join(directory, samplesFile(name, task.rows.task.name)), task);
  }
}

async function writeSamples(path: string, task: TaskEvaluation): Promise<void> {
  await writeFileAtomic(path, lmEvalSamples(task).map((sample) => `${JSON.stringify(sample)}\n`).join(""));
}
