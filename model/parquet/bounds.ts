/** What a Parquet file says of its parts, held against the file. */
import type { ColumnChunk, Compressors, FileMetaData, RowGroup, SchemaTree } from "hyparquet";
import { compressors } from "hyparquet-compressors";

/** Bytes of one column of one row group, compressed or not; the hub's files stay far below. */
export const MAX_CHUNK_BYTES = 2 ** 29;
/** Rows of one row group. */
const MAX_GROUP_ROWS = 2 ** 24;

/** Rows of a group. @throws {RangeError} for a number that no file has */
export function groupRows({ num_rows }: RowGroup): number {
  const rows = Number(num_rows);
  if (Number.isInteger(rows) && rows >= 0 && rows <= MAX_GROUP_ROWS) return rows;
  throw new RangeError(`a row group claims ${num_rows} rows`);
}

/** Rows of a file: those of its groups. @throws {RangeError} where the footer counts others */
export function fileRows({ row_groups, num_rows }: FileMetaData): number {
  const rows = row_groups.reduce((sum, group) => sum + groupRows(group), 0);
  if (rows === Number(num_rows)) return rows;
  throw new RangeError(`it claims ${num_rows} rows and its row groups hold ${rows}`);
}

/**
 * Refuses a row group whose columns are not those of the schema, each once. The library would begin to read some of them
 * before it found out, and what went wrong there would end the process.
 *
 * @throws {RangeError}
 */
export function requireColumns({ columns }: RowGroup, schema: SchemaTree): void {
  const held = columns.map(({ meta_data: meta }) => meta?.path_in_schema.join("/"));
  const wanted = leavesOf(schema).map((path) => path.join("/"));
  if (held.join() === wanted.join()) return;
  throw new RangeError(`a row group holds the columns ${held.join(", ")} in place of ${wanted.join(", ")}`);
}

const leavesOf = ({ children, path }: SchemaTree): string[][] =>
  children.length > 0 ? children.flatMap(leavesOf) : [path];

/** Refuses a column of a row group that lies outside the file or is of no sensible size. @throws {RangeError} */
export function requireInside(
  { meta_data: meta, file_path: elsewhere }: ColumnChunk,
  byteLength: number,
): void {
  if (meta === undefined || elsewhere) throw new RangeError("its place in the file is missing");
  const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
  const compressed = Number(meta.total_compressed_size), plain = Number(meta.total_uncompressed_size);
  if (!(start >= 4 && compressed >= 0 && start + compressed <= byteLength - 8)) {
    throw new RangeError(`bytes ${start} to ${start + compressed} lie outside the file's ${byteLength}`);
  }
  if (!(compressed <= MAX_CHUNK_BYTES && plain >= 0 && plain <= MAX_CHUNK_BYTES)) {
    throw new RangeError(`${plain} bytes in one row group are more than ${MAX_CHUNK_BYTES}`);
  }
}

/** Decompression that refuses pages which claim to become larger than a column may be. */
export const boundedCompressors: Compressors = Object.fromEntries(
  Object.entries(compressors).map(([codec, decompress]) => [
    codec,
    (input: Uint8Array, outputLength: number) => {
      if (outputLength >= 0 && outputLength <= MAX_CHUNK_BYTES) return decompress(input, outputLength);
      throw new RangeError(`a page claims ${outputLength} bytes`);
    },
  ]),
);
