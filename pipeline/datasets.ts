/** Data sets of the hub by name, as the documents of a run and as the rows of its tasks. */
import { join } from "node:path";
import { DataError, UsageError } from "../engine/mod.ts";
import { rowsFrom, type Task, type TaskRows } from "../eval/tasks/mod.ts";
import {
  type DatasetAccess,
  type DatasetPart,
  datasetRows,
  isDatasetName,
  KNOWN_SETS,
  parseDatasetName,
  shares,
} from "../model/datasets/mod.ts";
import { isDirectory, isFile } from "../model/files/mod.ts";
import { HubError, hubSettings, parseRepo } from "../model/hub/mod.ts";
import { type Document, TEXT_COLUMN } from "../train/data/mod.ts";
import { documentsSha256 } from "./fingerprint.ts";
import type { Reporter } from "./reporter.ts";
import type { DataFile } from "./results.ts";
import { cacheDirectory } from "./tuning/places.ts";

/** Where rows of data sets are kept between runs: `rows` in Lapidary's cache; undefined where there is none. */
export function keptDirectory(): string | undefined {
  const cache = cacheDirectory();
  return cache === undefined ? undefined : join(cache, "rows");
}

/** The way to data sets as the environment has it. */
export function datasetAccess({ signal, note, update }: Reporter): DatasetAccess {
  return {
    settings: () => hubSettings(),
    directory: keptDirectory,
    signal,
    note,
    onRows: (part, done, total) => update({ stage: `rows of ${part}`, done, total, unit: "rows" }),
  };
}

/** Name of the hub as the place of tasks' rows. */
export const HUB = "hub";

/** Whether a model or a data set is one of the hub: its name is no path on this machine and can be one there. */
export async function isOnHub(name: string): Promise<boolean> {
  return isDatasetName(name) && !/\.(txt|jsonl|parquet|gguf)$/.test(name) && !await isFile(name) &&
    !await isDirectory(name);
}

/** One configuration's documents, and what results.json says of them. */
export interface DatasetDocuments {
  readonly documents: readonly Document[];
  readonly file: Omit<DataFile, "rows">;
}

/**
 * What is read of a data set for so many documents: equal shares of its configurations, one after another.
 *
 * @param limit documents of all together; null takes all, which is refused where that is known to be gigabytes
 * @throws {UsageError}
 */
export function documentParts(name: string, limit: number | null): DatasetPart[] {
  const { repo, configurations } = parseDatasetName(name);
  if (limit === null && KNOWN_SETS[repo.id]) {
    throw new UsageError(
      `Cannot take all of ${name}, which is gigabytes of text; say how many documents with --set data.limit=N`,
    );
  }
  const counts = limit === null ? undefined : shares(limit, configurations.length);
  return configurations.map((configuration, i): DatasetPart => ({
    ...{ repo, configuration, split: "train", columns: [TEXT_COLUMN], limit: counts?.[i] ?? null },
    limitKey: "data.limit",
  })).filter((part) => part.limit !== 0);
}

/** The documents of parts of data sets. @throws as `datasetRows`; {DataError} for a row without text */
export async function datasetDocuments(
  access: DatasetAccess,
  parts: readonly DatasetPart[],
): Promise<DatasetDocuments[]> {
  const read: DatasetDocuments[] = [];
  for (const part of parts) {
    const { name: path, commit, rows } = await datasetRows(access, part);
    const documents = rows.map(({ [TEXT_COLUMN]: content }, i): Document => {
      if (typeof content === "string") return { content, path, line: i + 1, unit: "row" };
      throw new DataError(
        `Cannot use ${path}: row ${i + 1} has no text in column "${TEXT_COLUMN}"; name another data set`,
        { path, line: i + 1 },
      );
    });
    read.push({ documents, file: { path, sha256: documentsSha256(rows), commit } });
  }
  return read;
}

/** The part of a data set that a task's rows are: all of its split, with all columns for the logs of samples. */
export function taskPart({ source: { path, name, split } }: Task): DatasetPart {
  const repo = parseRepo(path, "dataset");
  return { repo, configuration: name, split, columns: null, limit: null, limitKey: "evaluate.task_limit" };
}

/**
 * All rows of a task from its data set.
 *
 * @throws as `datasetRows` and `rowsFrom`; a {HubError} says how to do without the hub
 */
export async function datasetTask(access: DatasetAccess, task: Task): Promise<TaskRows> {
  const { name, commit, rows } = await datasetRows(access, taskPart(task)).catch((error: unknown) => {
    if (!(error instanceof HubError)) throw error;
    throw new HubError(
      `${error.message}. Or save these rows as ${task.name}.parquet and name its directory as the tasks' rows ` +
        "(evaluate.task_data, --task-data)",
      error.fault,
    );
  });
  return { ...rowsFrom(task, name, rows), commit };
}

/** The same way without the network: only what is kept. */
export function offline(access: DatasetAccess): DatasetAccess {
  return { ...access, settings: async () => ({ ...await access.settings(), offline: true }) };
}

/** Whether the rows of a part are on this machine. */
export async function isKept(access: DatasetAccess, part: DatasetPart): Promise<boolean> {
  try {
    await datasetRows(offline(access), part);
    return true;
  } catch (error) {
    if (error instanceof HubError) return false;
    throw error;
  }
}
