/** Parquet files for tests. */
import { parquetWriteBuffer } from "hyparquet-writer";
import type { ByteSource } from "../../model/parquet/mod.ts";

type Row = Readonly<Record<string, unknown>>;

/** The bytes of a Parquet file with these rows, whose columns are those of the first; texts are text even where null. */
export function parquetOf(rows: readonly Row[], rowGroupSize = 1000): Uint8Array<ArrayBuffer> {
  const columnData = Object.keys(rows[0]!).map((name) => {
    const data = rows.map((row) => row[name]);
    const isText = data.some((value) => typeof value === "string");
    return { name, data, ...isText && { type: "STRING" as const } };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize }));
}

/** Bytes in memory as a source, with a list of the ranges that were asked for. */
export function memorySource(
  bytes: Uint8Array<ArrayBuffer>,
  path = "table.parquet",
): ByteSource & { readonly asked: [start: number, end: number][] } {
  const asked: [number, number][] = [];
  return {
    path,
    asked,
    byteLength: bytes.length,
    slice(start, end = bytes.length) {
      asked.push([start, end]);
      return Promise.resolve(bytes.slice(start, end).buffer);
    },
  };
}
