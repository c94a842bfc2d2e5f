/** Parquet: tables by range requests, a row group at a time. */
export { openParquet, type ParquetFile, type ParquetRow, type RowOptions } from "./open.ts";
export { type ByteSource, localSource } from "./source.ts";
