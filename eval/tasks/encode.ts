import { DataError } from "../../engine/mod.ts";
import type { Tokenizer } from "../../model/tokenizer/mod.ts";
import type { LikelihoodRequest } from "../likelihood/mod.ts";
import { splitTrailingSpace } from "./python_text.ts";
import type { TaskRows } from "./rows.ts";
import type { TextRequest } from "./item.ts";

/** Rows of a task as token ids: the requests of each row. */
export interface EncodedRows {
  readonly rows: TaskRows;
  readonly requests: readonly (readonly LikelihoodRequest[])[];
}

/** @throws {DataError} where a continuation has no token of its own, naming file and row */
export function encodeRows(tokenizer: Tokenizer, rows: TaskRows): EncodedRows {
  const requests = rows.rows.map(({ item, place }) => {
    const encoded = encodeRequests(tokenizer, item.requests);
    const empty = encoded.findIndex(({ continuation }) => continuation.length === 0);
    if (empty < 0) return encoded;
    const { context, continuation } = item.requests[empty]!;
    throw new DataError(
      `Cannot score ${place} of ${rows.path}: ${JSON.stringify(continuation)} has no token of its own after ${
        JSON.stringify(context.slice(-20))
      }; leave the row out or give another --tokenizer`,
      { path: rows.path },
    );
  });
  return { rows, requests };
}

/**
 * The ids of requests, parted as lm-evaluation-harness parts them (lm_eval/api/model.py): white space at the end of a
 * context moves to the continuation, context and continuation are tokenized together, and the ids beyond as many as the
 * context alone has are the continuation's. BOS comes from the tokenizer, which adds it or not; a text that begins with it
 * gets no second one. In place of an empty context stands BOS alone, or EOS where there is none.
 */
export function encodeRequests(tokenizer: Tokenizer, requests: readonly TextRequest[]): LikelihoodRequest[] {
  const prefix = tokenizer.bosId ?? tokenizer.eosId;
  const beginning = prefix === undefined ? undefined : tokenizer.pieces([prefix])[0]!;
  const encode = (text: string) => [
    ...tokenizer.encode(text, { special: beginning === undefined || !text.startsWith(beginning) }),
  ];
  const contexts = new Map<string, number[]>(); // choices share theirs
  return requests.map((request) => {
    if (request.context === "" && prefix !== undefined) {
      const ids = [...tokenizer.encode(request.continuation, { special: false })];
      return { context: [prefix], continuation: ids[0] === prefix ? ids.slice(1) : ids };
    }
    const [text, space] = splitTrailingSpace(request.context);
    const context = contexts.get(text) ?? encode(text);
    contexts.set(text, context);
    return { context, continuation: encode(text + space + request.continuation).slice(context.length) };
  });
}

/** Tokens of the longest request as a model of `maxLength` positions is fed it: without the last, and the end of what is too long. */
export const longestFed = (encoded: readonly EncodedRows[], maxLength: number): number =>
  encoded.flatMap(({ requests }) => requests.flat()).reduce(
    (most, { context, continuation }) =>
      Math.max(most, Math.min(maxLength, context.length + continuation.length - 1)),
    1,
  );
