/** Documents of data files: `.txt`, `.jsonl` with text, `.jsonl` with token ids. */
import { extname } from "node:path";
import { DataError } from "../../engine/mod.ts";
import { readText } from "../../model/files/mod.ts";

/** One document: its text, or its token ids as they are (BOS included); `path` and `line` (from 1) say where it stands. */
export interface Document {
  readonly content: string | readonly number[];
  readonly path: string;
  readonly line: number;
}

/**
 * The documents of a file, in order.
 *
 * - `.txt`: one document a block of lines without a blank one, white space around it removed
 * - `.jsonl`: one object a line, with `input_ids` (already tokenised) or else `text`; other fields are ignored
 *
 * @throws DataError for a file that is missing, of another kind, empty, not UTF-8, or has a bad line (its number)
 */
export async function readDocuments(path: string): Promise<Document[]> {
  const extension = extname(path);
  if (extension !== ".txt" && extension !== ".jsonl") {
    throw new DataError(
      `Cannot read ${path}: its name ends neither in .txt (one document a blank-line block) nor in .jsonl ` +
        `("text" or "input_ids" on each line); convert or rename it`,
      { path },
    );
  }
  const text = await readText(path);
  const documents = extension === ".txt" ? parseText(text, path) : parseJsonLines(text, path);
  if (documents.length === 0) {
    throw new DataError(`Cannot read ${path}: it has no document; give a file with text`, { path });
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
