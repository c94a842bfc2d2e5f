/** The made-up strings of `tests/golden/gemma_tokens.py`, drawn by the same recipe, and the digests it keeps. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../golden/${name}`, import.meta.url), "utf8"));
const FRAGMENTS: string[][] = Object.values(read("token_strings.json"));
const RANGES = [
  ...[[0, 0x80], [0x80, 0x800], [0x800, 0xd800], [0xe000, 0x10000]],
  ...[[0x10000, 0x20000], [0xe0000, 0xe0100], [0x20000, 0x110000]],
] as const;
const STARTS = [[238, 256], [238, 256], [0, 240], [0, 262144]] as const;

/** What the Python package says of these strings. */
export interface Golden {
  /** SHA-256 of all texts, a zero character between them. */
  readonly texts: string;
  readonly count: number;
  readonly tokens: number;
  /** Eight digits a string. */
  readonly ids: string;
  readonly decoded: string;
  readonly sequences: number;
  readonly sequences_decoded: string;
  /** Strings padded together. */
  readonly block: number;
  /** Eight digits a block, by side and length. */
  readonly padded: Readonly<Record<string, string>>;
  readonly shown: readonly { readonly text: string; readonly ids: number[] }[];
}

export const golden: Golden = read("data/gemma_tokens.json");

/** String number `seed`. */
export function textOf(seed: number): string {
  const draw = drawing(seed);
  let text = "";
  for (let left = 1 + draw(12); left > 0; left--) {
    const kind = draw(FRAGMENTS.length + 2), group = FRAGMENTS[kind];
    text += (group ? group[draw(group.length)]! : character(draw)).repeat(draw(8) === 0 ? 1 + draw(40) : 1);
  }
  return text;
}

/** Ids as no text has them: bytes in any order, specials anywhere. */
export function sequenceOf(seed: number): number[] {
  const draw = drawing(1_000_000 + seed);
  return Array.from({ length: 1 + draw(12) }, () => {
    const [low, size] = STARTS[draw(4)]!;
    return low + draw(size);
  });
}

/** The first eight digits of a text's SHA-256. */
export const digest = (text: string): string => sha256(text).slice(0, 8);
export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

function character(draw: (n: number) => number): string {
  const [low, high] = RANGES[draw(RANGES.length)]!;
  return String.fromCodePoint(low + draw(high - low));
}

/** The generator of Numerical Recipes modulo 2^32, its upper bits used. */
function drawing(seed: number): (n: number) => number {
  let state = Math.imul(seed, 2654435761) >>> 0;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % n;
  };
}
