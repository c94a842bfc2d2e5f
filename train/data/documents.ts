/** Documents of data files: `.txt`, `.jsonl` with text or token ids, `.parquet` with text. */
import { extname } from "node:path";
import { DataError } from "../../engine/mod.ts";
import { readText } from "../../model/files/mod.ts";
import { type ByteSource, localSource, openParquet } from "../../model/parquet/mod.ts";

/** The column that texts of a Parquet file stand in. */
export const TEXT_COLUMN = "text";

/** One document: its text, or its token ids as they are (BOS included). */
export interface Document {
  readonly content: string | readonly number[];
  readonly path: string;
  /** The line that it begins at, or its row of a table; from 1. */
  readonly line: number;
  /** What `line` counts; a line where missing. */
  readonly unit?: "row";
}

/**
 * The documents of a file, in order.
 *
 * - `.txt`: one document a block of lines without a blank one, white space around it removed
 * - `.jsonl`: one object a line, with `input_ids` (already tokenised) or else `text`; other fields are ignored
 * - `.parquet`: the column `text`, row group by row group; other columns are not read
 *
 * @param limit documents from the start; more of a `.parquet` file are not read
 * @throws DataError for a file that is missing, of another kind, empty, not UTF-8, or has a bad line (its number)
 */
export async function readDocuments(path: string, limit?: number): Promise<Document[]> {
  const read = READERS[extname(path)];
  if (read === undefined) {
    throw new DataError(
      `Cannot read ${path}: its name ends neither in .txt (one document a blank-line block) nor in .jsonl ` +
        `("text" or "input_ids" on each line) nor in .parquet (a column "text"); convert or rename it`,
      { path },
    );
  }
  const documents = (await read(path, limit)).slice(0, limit);
  if (documents.length === 0) {
    throw new DataError(`Cannot read ${path}: it has no document; give a file with text`, { path });
  }
  return documents;
}

const READERS: Readonly<Record<string, (path: string, limit?: number) => Promise<Document[]>>> = {
  ".txt": async (path) => parseText(await readText(path), path),
  ".jsonl": async (path) => parseJsonLines(await readText(path), path),
  ".parquet": async (path, limit) => {
    const source = await localSource(path);
    try {
      return await parquetDocuments(source, limit);
    } finally {
      source.close();
    }
  },
};

/**
 * The texts of a Parquet file, of which only the column `text` of the first row groups is read.
 *
 * @throws DataError for a file that is damaged or has no such column, and for a row without text
 */
export async function parquetDocuments(source: ByteSource, limit?: number): Promise<Document[]> {
  const { path } = source, file = await openParquet(source), documents: Document[] = [];
  const options = { columns: [TEXT_COLUMN], ...(limit !== undefined && { limit }) };
  for await (const rows of file.groups(options)) {
    for (const { [TEXT_COLUMN]: content } of rows) {
      const line = documents.length + 1;
      if (typeof content !== "string") {
        const problem = content instanceof Uint8Array ? "is not UTF-8" : "is not text";
        throw new DataError(
          `Cannot read ${path}: row ${line} has in column "${TEXT_COLUMN}" a value that ${problem}; give a string`,
          { path, line },
        );
      }
      documents.push({ content, path, line, unit: "row" });
    }
  }
  return documents;
}

/**
 * Documents of a text: blocks of lines between blank ones.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseText } from "./documents.ts";
 *
 * assert.deepEqual(parseText("One\ntwo\n\n \nThree", "a.txt"), [
 *   { content: "One\ntwo", path: "a.txt", line: 1 },
 *   { content: "Three", path: "a.txt", line: 5 },
 * ]);
 * ```
 */
export function parseText(text: string, path: string): Document[] {
  const documents: Document[] = [];
  let block: string[] = [];
  const lines = text.split(/\r?\n/);
  for (const [i, line] of [...lines, ""].entries()) {
    if (line.trim() !== "") block.push(line);
    else if (block.length > 0) {
      documents.push({ content: block.join("\n").trim(), path, line: i - block.length + 1 });
      block = [];
    }
  }
  return documents;
}

/** Documents of JSON lines; blank lines are skipped. @throws DataError for a bad line */
export function parseJsonLines(text: string, path: string): Document[] {
  return text.split("\n").flatMap((line, i) =>
    line.trim() === "" ? [] : [{ content: parseLine(line, path, i + 1), path, line: i + 1 }]
  );
}

function parseLine(text: string, path: string, line: number): string | number[] {
  const refuse = (problem: string) =>
    new DataError(`Cannot read ${path}: line ${line} ${problem}`, { path, line });
  let row: unknown;
  try {
    row = JSON.parse(text);
  } catch {
    throw refuse("is not JSON; write one object on each line");
  }
  if (typeof row !== "object" || row === null || Array.isArray(row)) {
    throw refuse('is not an object; write {"text": "..."} or {"input_ids": [...]}');
  }
  const { input_ids: ids, text: content } = row as { input_ids?: unknown; text?: unknown };
  if (ids !== undefined) {
    if (!Array.isArray(ids) || ids.length === 0) {
      throw refuse('has "input_ids" that are not a list of ids; give at least one');
    }
    const bad = ids.find((id) => !Number.isInteger(id) || id < 0 || id > 0xffffffff);
    if (bad !== undefined) throw refuse(`has the id ${JSON.stringify(bad)}; ids are whole numbers from 0`);
    return ids;
  }
  if (content === undefined) {
    throw refuse('has no "text" or "input_ids" field; give one of them on each line');
  }
  if (typeof content !== "string") throw refuse('has a "text" that is not a string; give a string');
  if (content === "") throw refuse('has an empty "text"; remove the line or give its text');
  return content;
}
