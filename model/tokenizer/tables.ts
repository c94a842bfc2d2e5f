/** What encoding needs of a tokenizer.json, as plain data: its large arrays stand in memory that threads share. */
import type { TokenizerFile } from "./check.ts";
import { partsOf } from "./parts.ts";

/** Stands where there is no id. */
export const NO_ID = 0xffffffff;

/** Tables of byte-pair encoding. */
export interface BpeTables {
  /** Id of each character by code point, or `NO_ID`. */
  readonly characters: Uint32Array<SharedArrayBuffer>;
  /** Ids of the 256 byte tokens, or `NO_ID`; undefined where unknown characters are not spelled in bytes. */
  readonly bytes: Uint32Array<SharedArrayBuffer> | undefined;
  /** A hash table with open addressing: left id, right id, rank and id of the two joined; `NO_ID` marks a free slot. */
  readonly merges: Uint32Array<SharedArrayBuffer>;
  /** Id of what has no token, or `NO_ID`. */
  readonly unknown: number;
  /** Whether unknown characters in a row are one. */
  readonly fuseUnknown: boolean;
  /** Code units that some merge joins to a `▁` behind them; behind all others a text may be cut before `▁`. */
  readonly joinedToSpace: readonly number[];
}

/** Text that is an id of its own wherever it stands. */
export type AddedText = readonly [content: string, id: number];

/** All that turns a text into ids. */
export interface EncoderTables {
  readonly bpe: BpeTables;
  /** Looked for in the text as it is, and in what the normalizer made of it. */
  readonly added: { readonly plain: readonly AddedText[]; readonly normalized: readonly AddedText[] };
  /** In order; `from` undefined puts `to` in front. */
  readonly normalizer: readonly { readonly from: string | undefined; readonly to: string }[];
  /** Texts behind which a text is cut before it is encoded. */
  readonly cutBehind: readonly string[];
  /** Ids before and behind those of a text. */
  readonly before: readonly number[];
  readonly behind: readonly number[];
}

/** The tables of a checked tokenizer.json. */
export function tablesOf(file: TokenizerFile): EncoderTables {
  const ids = vocabularyOf(file);
  const normalizer = partsOf(file.normalizer, "normalizers").map((step) =>
    step.type === "Prepend"
      ? { from: undefined, to: step.prepend as string }
      : { from: patternOf(step), to: step.content as string }
  );
  const added = file.added_tokens ?? [];
  const isPlain = ({ normalized, special }: { normalized?: boolean; special: boolean }) =>
    !(normalized ?? !special);
  const [before, behind] = template(file, ids);
  return {
    bpe: bpeTables(file, ids),
    added: {
      plain: added.filter(isPlain).map(({ content, id }): AddedText => [content, id]),
      normalized: added.filter((token) => !isPlain(token))
        .map(({ content, id }): AddedText => [normalize(content, normalizer), id]),
    },
    normalizer,
    cutBehind: partsOf(file.pre_tokenizer, "pretokenizers").map(patternOf),
    before,
    behind,
  };
}

/** A text after the steps of a normalizer. */
export function normalize(text: string, steps: EncoderTables["normalizer"]): string {
  return steps.reduce((text, { from, to }) => {
    if (from !== undefined) return text.replaceAll(from, () => to);
    return text === "" ? "" : to + text;
  }, text);
}

/** Ids by token, added ones among them. */
export function vocabularyOf(file: TokenizerFile): Map<string, number> {
  const ids = new Map(Object.entries(file.model.vocab));
  for (const { content, id } of file.added_tokens ?? []) ids.set(content, id);
  return ids;
}

/** Where the search for a pair begins. */
export function hashOf(left: number, right: number): number {
  const hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
  return (hash ^ (hash >>> 15)) >>> 0;
}

const patternOf = (part: Readonly<Record<string, unknown>>) => (part.pattern as { String: string }).String;

function bpeTables({ model }: TokenizerFile, ids: ReadonlyMap<string, number>): BpeTables {
  const characters = shared(0x110000);
  for (const [token, id] of Object.entries(model.vocab)) {
    const code = token.codePointAt(0);
    if (code !== undefined && token.length === (code > 0xffff ? 2 : 1)) characters[code] = id;
  }
  const bytes = model.byte_fallback ? shared(256) : undefined;
  bytes?.forEach((_, byte) => {
    bytes[byte] = ids.get(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`) ?? NO_ID;
  });
  const { merges, joinedToSpace } = mergeTable(model);
  const unknown = ids.get(model.unk_token ?? "") ?? NO_ID;
  return { characters, bytes, merges, unknown, fuseUnknown: model.fuse_unk === true, joinedToSpace };
}

function mergeTable({ vocab, merges: list }: TokenizerFile["model"]) {
  const slots = 2 ** Math.ceil(Math.log2(2 * list.length + 2)), merges = shared(4 * slots);
  const joinedToSpace = new Set<number>();
  for (const [rank, merge] of list.entries()) {
    const [a, b] = (typeof merge === "string" ? merge.split(" ") : merge) as [string, string];
    if (b.charCodeAt(0) === 0x2581) joinedToSpace.add(a.charCodeAt(a.length - 1));
    const left = vocab[a]!, right = vocab[b]!;
    let slot = hashOf(left, right) & (slots - 1);
    while (merges[4 * slot] !== NO_ID && (merges[4 * slot] !== left || merges[4 * slot + 1] !== right)) {
      slot = (slot + 1) & (slots - 1);
    }
    merges.set([left, right, rank, vocab[a + b]!], 4 * slot);
  }
  return { merges, joinedToSpace: [...joinedToSpace] };
}

/** What the post-processors put before and behind a text. */
function template(file: TokenizerFile, ids: ReadonlyMap<string, number>): [number[], number[]] {
  const before: number[] = [], behind: number[] = [];
  for (const { single } of partsOf(file.post_processor, "processors")) {
    const items = single as { SpecialToken?: { id: string } }[];
    const text = items.findIndex(({ SpecialToken }) => SpecialToken === undefined);
    const own = items.map(({ SpecialToken }) => ids.get(SpecialToken?.id ?? "") ?? NO_ID);
    before.unshift(...own.slice(0, text));
    behind.push(...own.slice(text + 1));
  }
  return [before, behind];
}

/** A page from a file has no memory that threads share, and tokenises on one. */
const Memory = globalThis.SharedArrayBuffer ?? (ArrayBuffer as unknown as SharedArrayBufferConstructor);
const shared = (length: number) => new Uint32Array(new Memory(4 * length)).fill(NO_ID);
