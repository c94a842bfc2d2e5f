import {
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type RowGroup,
} from "hyparquet";
import { DataError } from "../../engine/mod.ts";
import { boundedCompressors, fileRows, groupRows, requireColumns, requireInside } from "./bounds.ts";
import type { ByteSource } from "./source.ts";

/** Bytes of a file's end that are read first: most footers fit. */
const FOOTER_BYTES = 2 ** 16;

/** A row as an object of its columns. */
export type ParquetRow = Readonly<Record<string, unknown>>;

/** Which rows and columns are read. */
export interface RowOptions {
  /** Names of columns; all where missing. */
  readonly columns?: readonly string[];
  /** Rows from the start of the file; all where missing. */
  readonly limit?: number;
}

/** A Parquet file whose footer was read. */
export interface ParquetFile {
  readonly path: string;
  /** Rows in the file. */
  readonly rows: number;
  /** Names of its columns. */
  readonly columns: readonly string[];
  /** The rows of one row group after another; later groups are not touched where the reader stops. @throws {DataError} */
  groups(options?: RowOptions): AsyncGenerator<ParquetRow[]>;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A string; bytes that are not UTF-8 stay bytes, so that the row's check names their place. */
function stringFromBytes(bytes: Uint8Array | undefined): string | Uint8Array | undefined {
  try {
    return bytes && decoder.decode(bytes);
  } catch {
    return bytes;
  }
}

const unsound = (path: string, what: string, error: unknown): Error =>
  error instanceof DataError
    ? error
    : new DataError(`Cannot read ${path}: ${what} (${(error as Error).message}); fetch it again`, { path });

/**
 * Reads the footer of a Parquet file.
 *
 * @throws {DataError} where it is none, or is damaged
 *
 * @example
 * ```ts
 * import { localSource, openParquet } from "./mod.ts";
 *
 * async function firstTexts(path: string): Promise<unknown[]> {
 *   const source = await localSource(path);
 *   try {
 *     const file = await openParquet(source), texts: unknown[] = [];
 *     for await (const rows of file.groups({ columns: ["text"], limit: 10 })) {
 *       texts.push(...rows.map(({ text }) => text));
 *     }
 *     return texts;
 *   } finally {
 *     source.close();
 *   }
 * }
 * ```
 */
export async function openParquet(source: ByteSource): Promise<ParquetFile> {
  const { path } = source;
  try {
    if (source.byteLength < 12) throw new RangeError(`${source.byteLength} bytes are too few`);
    const metadata = await parquetMetadataAsync(source, {
      initialFetchSize: FOOTER_BYTES,
      geoparquet: false,
    });
    const schema = parquetSchema(metadata), columns = schema.children.map(({ element }) => element.name);
    for (const group of metadata.row_groups) requireColumns(group, schema);
    return {
      path,
      rows: fileRows(metadata),
      columns,
      groups: (options = {}) => readGroups(source, metadata, columns, options),
    };
  } catch (error) {
    throw unsound(path, "it is no sound Parquet file", error);
  }
}

async function* readGroups(
  source: ByteSource,
  metadata: FileMetaData,
  all: readonly string[],
  { columns = all, limit = Infinity }: RowOptions,
): AsyncGenerator<ParquetRow[]> {
  const missing = columns.find((name) => !all.includes(name));
  if (missing !== undefined) {
    throw new DataError(
      `Cannot read ${source.path}: it has no column ${JSON.stringify(missing)}, only ${all.join(", ")}; ` +
        "give a file that has it",
      { path: source.path },
    );
  }
  let start = 0;
  for (const group of metadata.row_groups) {
    const part: Part = { group, start, end: Math.min(start + groupRows(group), limit) };
    if (part.end > start) yield await readPart(source, metadata, columns, part);
    start += groupRows(group);
    if (start >= limit) return;
  }
}

/** Rows of one group, counted over the whole file. */
interface Part {
  readonly group: RowGroup;
  readonly start: number;
  readonly end: number;
}

/** The rows of a part. It is read column by column only after a failure, to say which of them it was. */
async function readPart(
  source: ByteSource,
  metadata: FileMetaData,
  columns: readonly string[],
  part: Part,
): Promise<ParquetRow[]> {
  try {
    return await readColumns(source, metadata, columns, part);
  } catch (first) {
    for (const column of columns) {
      try {
        await readColumns(source, metadata, [column], part);
      } catch (error) {
        const rows = `rows ${part.start + 1} to ${part.end}`;
        throw unsound(source.path, `the column ${JSON.stringify(column)} of ${rows} is not sound`, error);
      }
    }
    throw unsound(source.path, `the columns ${columns.join(", ")} do not fit together`, first);
  }
}

async function readColumns(
  source: ByteSource,
  metadata: FileMetaData,
  columns: readonly string[],
  { group, start, end }: Part,
): Promise<ParquetRow[]> {
  for (const chunk of group.columns) {
    const name = chunk.meta_data?.path_in_schema[0];
    if (name === undefined || columns.includes(name)) requireInside(chunk, source.byteLength);
  }
  const rows = await parquetReadObjects({
    file: source,
    metadata,
    columns: [...columns],
    rowStart: start,
    rowEnd: end,
    compressors: boundedCompressors,
    parsers: { stringFromBytes },
  });
  if (rows.length !== end - start) throw new RangeError(`${rows.length} rows in place of ${end - start}`);
  return rows.map((row) => plain(row) as ParquetRow);
}

/** 64-bit numbers come as bigint. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
}
