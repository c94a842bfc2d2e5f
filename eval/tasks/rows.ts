/** Rows of a task: `TASK.jsonl` or `TASK.parquet` in a directory, in the dataset's own columns. */
import { join } from "node:path";
import { z } from "zod";
import { DataError } from "../../engine/mod.ts";
import { isFile, readText } from "../../model/files/mod.ts";
import { localSource, openParquet } from "../../model/parquet/mod.ts";
import type { Item } from "./item.ts";
import type { Task } from "./task.ts";

/** A row as it was read, and what is asked about it. */
export interface TaskRow {
  readonly document: Readonly<Record<string, unknown>>;
  readonly item: Item;
  /** Where it stands: "line 3". */
  readonly place: string;
}

/** Rows of a task, in the order of the file. */
export interface TaskRows {
  readonly task: Task;
  readonly path: string;
  /** The commit of the hub that they were read at; absent for a file. */
  readonly commit?: string;
  readonly rows: readonly TaskRow[];
  /** Rows in the file. */
  readonly original: number;
}

/** The first `limit` rows; below 1 that share of them, rounded up; null takes all. */
export function limitRows(rows: TaskRows, limit: number | null): TaskRows {
  if (limit === null) return rows;
  return { ...rows, rows: rows.rows.slice(0, limit < 1 ? Math.ceil(rows.original * limit) : limit) };
}

/** A row before its columns are looked at. */
interface RawRow {
  readonly place: string;
  readonly line: number;
  readonly value: unknown;
}

/**
 * Reads and checks all rows of a task.
 *
 * @throws {DataError} for a file that is missing, damaged, empty or not UTF-8, and for a bad row, naming line and column
 */
export async function readTaskRows(task: Task, directory: string): Promise<TaskRows> {
  const [jsonl, parquet] = [join(directory, `${task.name}.jsonl`), join(directory, `${task.name}.parquet`)];
  const [hasJsonl, hasParquet] = [await isFile(jsonl), await isFile(parquet)];
  if (hasJsonl === hasParquet) {
    const { path, name, split } = task.source;
    const cure = hasJsonl
      ? "remove one"
      : `save the ${split} split of ${path}${
        name === null ? "" : ` (${name})`
      } there, or name another directory with --task-data`;
    throw new DataError(
      `Cannot find the rows of ${task.name}: ${directory} has ${
        hasJsonl ? "both" : "neither"
      } ${task.name}.jsonl ${hasJsonl ? "and" : "nor"} ${task.name}.parquet; ${cure}`,
      { path: directory },
    );
  }
  const path = hasJsonl ? jsonl : parquet;
  return rowsOf(task, path, hasJsonl ? parseLines(await readText(path), path) : await parquetRows(path));
}

/** Rows that no file holds, checked alike; `path` stands for them in messages. @throws {DataError} for a bad row */
export function rowsFrom(task: Task, path: string, values: readonly unknown[]): TaskRows {
  return rowsOf(task, path, values.map((value, i) => ({ place: `row ${i + 1}`, line: i + 1, value })));
}

/** Rows of a Parquet file with all their columns: the logs of samples have them all, as lm-evaluation-harness's do. */
async function parquetRows(path: string): Promise<RawRow[]> {
  const source = await localSource(path);
  try {
    const rows = await Array.fromAsync((await openParquet(source)).groups());
    return rows.flat().map((value, i) => ({ place: `row ${i + 1}`, line: i + 1, value }));
  } finally {
    source.close();
  }
}

/** Objects of JSON lines; blank lines are skipped. */
function parseLines(text: string, path: string): RawRow[] {
  return text.split("\n").flatMap((line, i) => {
    if (line.trim() === "") return [];
    try {
      return [{ place: `line ${i + 1}`, line: i + 1, value: JSON.parse(line) as unknown }];
    } catch {
      throw new DataError(`Cannot use ${path}: line ${i + 1} is not JSON; write one object on each line`, {
        path,
        line: i + 1,
      });
    }
  });
}

function rowsOf(task: Task, path: string, raw: readonly RawRow[]): TaskRows {
  if (raw.length === 0) throw new DataError(`Cannot use ${path}: it has no row; give at least one`, { path });
  const items = raw.map(({ place, line, value }) => {
    try {
      return task.itemOf(value);
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error;
      throw new DataError(`Cannot use ${path}: ${place} ${problem(error.issues[0]!, task, value)}`, {
        path,
        line,
      });
    }
  });
  const documents = asTable(raw.map(({ value }) => value as Record<string, unknown>));
  const rows = raw.map(({ place }, i) => {
    const item = items[i]!;
    return { document: { ...documents[i]!, ...item.derived }, item, place };
  });
  return { task, path, rows, original: rows.length };
}

/** Rows as a table holds them: all columns, in the order they first appear in, null where a row has none. */
function asTable(rows: readonly Readonly<Record<string, unknown>>[]): Record<string, unknown>[] {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return rows.map((row) => Object.fromEntries(columns.map((column) => [column, row[column] ?? null])));
}

/** What is wrong with a column, and the cure. */
function problem({ path, message }: z.core.$ZodIssue, task: Task, row: unknown): string {
  if (typeof row !== "object" || row === null || Array.isArray(row)) {
    return "is not an object; write one with the columns of the dataset";
  }
  const column = path.map((part) => typeof part === "number" ? `[${part}]` : `.${String(part)}`).join("")
    .slice(1);
  const held = path.reduce<unknown>(
    (value, part) => (value as Record<PropertyKey, unknown> | undefined)?.[part],
    row,
  );
  return held === undefined
    ? `has no column ${JSON.stringify(column)}; rows of ${task.name} have ${task.columns.join(", ")}`
    : `has in column ${JSON.stringify(column)} a value that ${message}`;
}
