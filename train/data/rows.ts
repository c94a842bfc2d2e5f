/** Rows: documents as token ids, cut to length, ready to be batched. */
import { DataError } from "../../engine/mod.ts";
import { encodeMany, type EncodeManyOptions, type Tokenizer } from "../../model/tokenizer/mod.ts";
import { type Document, readDocuments } from "./documents.ts";

/** Token ids of one row, BOS included. */
export type Row = Uint32Array<ArrayBuffer>;

/** How documents become rows. */
export interface RowOptions {
  /** Rows of the model's embedding; ids must be below. */
  readonly vocabSize: number;
  /** Longest row, in tokens; what lies beyond is cut off. */
  readonly maxLength: number;
  /** Number of documents taken from the start; null or missing takes all. */
  readonly limit?: number | null;
  /** Join the documents and cut them into rows of `maxLength`. */
  readonly pack?: boolean;
  /** Told how many texts are tokenised, and of how many. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Ends the tokenising. */
  readonly signal?: AbortSignal;
}

/**
 * Reads files and makes rows of their documents, in order.
 *
 * @param tokenizer needed for text alone; ids are taken as they are
 * @throws DataError for an unreadable file or line, an id outside the vocabulary, text without a tokenizer
 */
export async function loadRows(
  files: readonly string[],
  tokenizer: Tokenizer | undefined,
  options: RowOptions,
): Promise<Row[]> {
  const documents: Document[] = [];
  for (const file of files) documents.push(...await readDocuments(file, options.limit ?? undefined));
  return makeRows(documents, tokenizer, options);
}

/** Rows of documents already read. @throws DataError as `loadRows` */
export async function makeRows(
  documents: readonly Document[],
  tokenizer: Tokenizer | undefined,
  options: RowOptions,
): Promise<Row[]> {
  const { maxLength, limit = null, pack = false } = options;
  const rows = await encode(documents.slice(0, limit ?? undefined), tokenizer, options);
  return pack ? packRows(rows, maxLength) : rows.map((row) => row.slice(0, maxLength));
}

/**
 * Joins rows and cuts the whole into rows of `length`; the last may be shorter.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { packRows } from "./rows.ts";
 *
 * const packed = packRows([Uint32Array.of(2, 5), Uint32Array.of(2, 6, 7)], 3);
 * assert.deepEqual(packed, [Uint32Array.of(2, 5, 2), Uint32Array.of(6, 7)]);
 * ```
 */
export function packRows(rows: readonly Row[], length: number): Row[] {
  const all = new Uint32Array(rows.reduce((sum, row) => sum + row.length, 0));
  let at = 0;
  for (const row of rows) {
    all.set(row, at);
    at += row.length;
  }
  return Array.from(
    { length: Math.ceil(all.length / length) },
    (_, i) => all.slice(i * length, (i + 1) * length),
  );
}

async function encode(
  documents: readonly Document[],
  tokenizer: Tokenizer | undefined,
  { vocabSize, onProgress, signal }: RowOptions,
): Promise<Row[]> {
  const refuse = ({ path, line, unit }: Document, problem: string) =>
    new DataError(`Cannot use ${path}: ${unit ?? "line"} ${line} ${problem}`, { path, line });
  const check = (ids: Row, document: Document, means: (bad: number) => string): Row => {
    const bad = ids.find((id) => id >= vocabSize);
    if (bad === undefined) return ids;
    throw refuse(document, means(bad));
  };

  const texts = documents.filter(({ content }) => typeof content === "string");
  if (texts.length > 0 && tokenizer === undefined) {
    throw refuse(
      texts[0]!,
      `is text, but the model has no tokenizer; name one with --tokenizer or give "input_ids"`,
    );
  }
  const progress: EncodeManyOptions = {
    ...onProgress && { onProgress: (done) => onProgress(done, texts.length) },
    ...signal && { signal },
    explain: (error, i) =>
      error instanceof DataError ? refuse(texts[i]!, `has a text without ids: ${error.message}`) : error,
  };
  const encoded = texts.length > 0
    ? await encodeMany(tokenizer!, texts.map(({ content }) => content as string), progress)
    : [];
  let at = 0;
  return documents.map((document) => {
    const { content } = document;
    if (typeof content === "string") {
      return check(
        encoded[at++]!,
        document,
        (bad) =>
          `has the id ${bad} once tokenised, outside the model's vocabulary of ${vocabSize}; give the model's own tokenizer`,
      );
    }
    return check(
      Uint32Array.from(content),
      document,
      (bad) =>
        `has the id ${bad}, outside the model's vocabulary of ${vocabSize}; tokenise the file with this model's tokenizer`,
    );
  });
}
