/** Text to ids from tables alone, so that any thread can do it. */
import { createFinder } from "./added.ts";
import { createBpe } from "./bpe.ts";
import { type EncoderTables, normalize } from "./tables.ts";

/**
 * Ids of a text: added tokens are cut out, the rest is normalised, cut and encoded. `NO_ID` stands for a character without
 * a token.
 *
 * @param special whether the post-processor adds its own (BOS in Gemma)
 */
export type Encoder = (text: string, special: boolean) => number[];

/** Builds the encoder of these tables. */
export function createEncoder({ bpe, added, normalizer, cutBehind, before, behind }: EncoderTables): Encoder {
  const findPlain = createFinder(added.plain), findNormalized = createFinder(added.normalized);
  const encode = createBpe(bpe);
  return (text, special) => {
    const ids: number[] = special ? [...before] : [];
    for (const piece of findPlain(text)) {
      if (typeof piece === "number") {
        ids.push(piece);
        continue;
      }
      for (const part of findNormalized(normalize(piece, normalizer))) {
        if (typeof part === "number") ids.push(part);
        else for (const word of cut(part, cutBehind)) encode(word, ids);
      }
    }
    if (special) ids.push(...behind);
    return ids;
  };
}

/** A text in pieces, each of which but the last ends in one of the patterns. */
function cut(text: string, patterns: readonly string[]): string[] {
  return patterns.reduce((pieces, pattern) =>
    pieces.flatMap((piece) => {
      const parts = piece.split(pattern);
      return parts.map((part, i) => i + 1 < parts.length ? part + pattern : part).filter((part) =>
        part !== ""
      );
    }), [text]);
}
