import { pebbleDocuments, pebbleSplit, type PebbleSplitName, type PebbleSubset } from "./documents.ts";

/** Ids of the tokens that stand around every document in a packed row. */
const BOS = 2;
const EOS = 1;

/** Turns a text into token ids without special tokens. */
export type EncodeText = (text: string) => ArrayLike<number>;

/**
 * Puts a cache of words in front of a tokenizer. The ids are equal as long as no merge of the tokenizer joins a space to
 * what stands before it, which holds for Pebble's own: text may then be cut before every space.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { cacheWords } from "./rows.ts";
 *
 * const lengths = cacheWords((text) => [text.length]);
 * assert.deepEqual(lengths("a cat sat"), [1, 4, 4]);
 * ```
 */
export function cacheWords(encode: EncodeText): (text: string) => number[] {
  const known = new Map<string, number[]>();
  return (text) => {
    const ids: number[] = [];
    for (let start = 0; start < text.length;) {
      const space = text.indexOf(" ", start + 1);
      const end = space < 0 ? text.length : space;
      const word = text.slice(start, end);
      let wordIds = known.get(word);
      if (wordIds === undefined) known.set(word, wordIds = Array.from(encode(word)));
      for (const id of wordIds) ids.push(id);
      start = end;
    }
    return ids;
  };
}

/** Which rows to make. */
export interface PackedRowsOptions {
  split: PebbleSplitName;
  /** Ids in a row, at least 2. A row of 129 gives 128 inputs and 128 targets. */
  length: number;
  /** How many rows; without it the stream does not end. */
  count?: number;
  /** In place of the split's own seed, for other streams of the same documents. */
  seed?: number;
  /** Only this subset; without it the mixture. */
  subset?: PebbleSubset;
  /** Pebble's tokenizer, without special tokens. */
  encode: EncodeText;
}

/**
 * Rows `<bos> document <eos> <bos> document <eos> ...`, each starting with a fresh document and cut at `length`; the rest of
 * the last document is dropped. Uint32 ids, always the same for the same options.
 */
export function* packedRows(options: PackedRowsOptions): Generator<Uint32Array<ArrayBuffer>> {
  const { split, length, count = Infinity, subset } = options;
  const { seed, accepts } = pebbleSplit(split);
  const encode = cacheWords(options.encode);
  const documents = pebbleDocuments({ seed: options.seed ?? seed, accepts, ...(subset && { subset }) });
  for (let made = 0; made < count; made++) {
    const ids: number[] = [];
    while (ids.length < length) ids.push(BOS, ...encode(documents.next().value.text), EOS);
    yield Uint32Array.from(ids.slice(0, length));
  }
}
