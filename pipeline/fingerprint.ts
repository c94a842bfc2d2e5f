import { createHash } from "node:crypto";
import type { Row } from "../train/data/mod.ts";

/**
 * SHA-256 of rows as 64 hexadecimal digits: of each row's length and ids, as 32-bit words with the low byte first. Equal
 * where the rows are, in the same order, wherever they were read from.
 */
export function rowsSha256(rows: readonly Row[]): string {
  const hash = createHash("sha256");
  for (const row of rows) {
    const words = new DataView(new ArrayBuffer(4 * (row.length + 1)));
    words.setUint32(0, row.length, true);
    row.forEach((id, i) => words.setUint32(4 * (i + 1), id, true));
    hash.update(new Uint8Array(words.buffer));
  }
  return hash.digest("hex");
}

/** SHA-256 of a value as JSON, as 64 hexadecimal digits; NaN and the infinities count as texts that nothing else writes. */
export function sha256Of(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value, notFinite)).digest("hex");
}

/** Replaces what JSON has no number for. */
export const notFinite = (_: string, value: unknown): unknown =>
  typeof value === "number" && !Number.isFinite(value) ? `\u0000${value}` : value;

/** SHA-256 of a task's rows as 64 hexadecimal digits: of each row's columns as a line of JSON. */
export function documentsSha256(documents: readonly Readonly<Record<string, unknown>>[]): string {
  const hash = createHash("sha256");
  for (const document of documents) hash.update(`${JSON.stringify(document)}\n`);
  return hash.digest("hex");
}
