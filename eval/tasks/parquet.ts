/** Parquet files, as the Hugging Face hub stores datasets, by hyparquet. */
import { parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { DataError } from "../../engine/mod.ts";
import { readBytes } from "../../model/files/mod.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A string; bytes that are not UTF-8 stay bytes, so that the row's check names their place. */
function stringFromBytes(bytes: Uint8Array | undefined): string | Uint8Array | undefined {
  try {
    return bytes && decoder.decode(bytes);
  } catch {
    return bytes;
  }
}

/**
 * All rows of a Parquet file as objects; whole numbers are numbers, text that is not UTF-8 is left as bytes.
 *
 * @throws {DataError} where it cannot be read, or is damaged
 */
export async function readParquet(path: string): Promise<Record<string, unknown>[]> {
  const { buffer } = await readBytes(path);
  try {
    const rows = await parquetReadObjects({ file: buffer, compressors, parsers: { stringFromBytes } });
    return rows.map((row) => plain(row) as Record<string, unknown>);
  } catch (error) {
    throw new DataError(
      `Cannot read ${path}: it is no sound Parquet file (${(error as Error).message}); fetch it again`,
      { path },
    );
  }
}

/** 64-bit numbers come as bigint. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
}
