/** Data sets of the hub by name, as the documents of a run and as the rows of its tasks. */
import { join } from "node:path";
import { UsageError } from "../engine/mod.ts";
import { rowsFrom, type Task, type TaskRows } from "../eval/tasks/mod.ts";
import {
  type DatasetAccess,
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
    directory: keptDirectory(),
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
 * The first documents of a data set, in equal shares from its configurations, one after another.
 *
 * @param limit documents of all together; null takes all, which is refused where that is known to be gigabytes
 * @throws as `datasetRows`, and {UsageError}
 */
export async function datasetDocuments(
  access: DatasetAccess,
  name: string,
  limit: number | null,
): Promise<DatasetDocuments[]> {
  const { repo, configurations } = parseDatasetName(name), parts: DatasetDocuments[] = [];
  if (limit === null && KNOWN_SETS[repo.id]) {
    throw new UsageError(
      `Cannot take all of ${name}, which is gigabytes of text; say how many documents with --set data.limit=N`,
    );
  }
  const counts = limit === null ? configurations.map(() => null) : shares(limit, configurations.length);
  for (const [i, configuration] of configurations.entries()) {
    const count = counts[i]!;
    if (count === 0) continue;
    const { name: path, commit, rows } = await datasetRows(access, {
      ...{ repo, configuration, split: "train", columns: [TEXT_COLUMN], limit: count },
      limitKey: "data.limit",
    });
    const documents = rows.map(({ [TEXT_COLUMN]: content }, i): Document => {
      if (typeof content === "string") return { content, path, line: i + 1, unit: "row" };
      throw new UsageError(
        `Cannot use ${path}: row ${i + 1} has in column "${TEXT_COLUMN}" no text; name another data set`,
      );
    });
    parts.push({ documents, file: { path, sha256: documentsSha256(rows), commit } });
  }
  return parts;
}

/**
 * All rows of a task from its data set, whose columns stay as they are for the logs of samples.
 *
 * @throws as `datasetRows` and `rowsFrom`; a {HubError} says how to do without the hub
 */
export async function datasetTask(access: DatasetAccess, task: Task): Promise<TaskRows> {
  const { path, name: configuration, split } = task.source;
  const { name, commit, rows } = await datasetRows(access, {
    ...{ repo: parseRepo(path, "dataset"), configuration, split, columns: null, limit: null },
    limitKey: "evaluate.task_limit",
  }).catch((error: unknown) => {
    if (!(error instanceof HubError)) throw error;
    throw new HubError(
      `${error.message}. Or save these rows as ${task.name}.parquet and name its directory as the tasks' rows ` +
        "(evaluate.task_data, --task-data)",
      error.fault,
    );
  });
  return { ...rowsFrom(task, name, rows), commit };
}
