/** What byte-pair encoding learned: the characters it starts from and the merges in the order of their rank. */
export interface Bpe {
  characters: string[];
  merges: [left: string, right: string][];
}

/**
 * Splits text, with spaces already written as `▁`, into the pieces that merges may not leave: a run of letters with the
 * space before it, or any other single character.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { pieces } from "./bpe.ts";
 *
 * assert.deepEqual(pieces("The▁cat,▁no."), ["The", "▁cat", ",", "▁no", "."]);
 * ```
 */
export function pieces(text: string): string[] {
  return text.match(/▁?\p{Letter}+|[^]/gu) ?? [];
}

/**
 * Learns `mergeCount` merges: the most frequent neighbouring pair becomes one symbol, again and again (Sennrich et al.,
 * 2016, "Neural machine translation of rare words with subword units"). Ties go to the pair that comes first in the order
 * of UTF-16 units, so that the result is the same everywhere. Fewer merges come back when every piece is whole.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { trainBpe } from "./bpe.ts";
 *
 * const { merges } = trainBpe(new Map([["▁the", 3], ["▁then", 1]]), 2);
 * assert.deepEqual(merges, [["h", "e"], ["t", "he"]]);
 * ```
 */
export function trainBpe(counts: ReadonlyMap<string, number>, mergeCount: number): Bpe {
  const words = [...counts].map(([piece, count]) => ({ symbols: [...piece], count }));
  const characters = [...new Set(words.flatMap(({ symbols }) => symbols))].sort();
  const merges: Bpe["merges"] = [];
  while (merges.length < mergeCount) {
    const best = mostFrequentPair(words);
    if (best === undefined) break;
    merges.push(best);
    for (const word of words) word.symbols = mergePair(word.symbols, best);
  }
  return { characters, merges };
}

interface Word {
  symbols: string[];
  count: number;
}

function mostFrequentPair(words: readonly Word[]): [string, string] | undefined {
  const pairCounts = new Map<string, number>();
  for (const { symbols, count } of words) {
    for (let i = 1; i < symbols.length; i++) {
      const pair = `${symbols[i - 1]} ${symbols[i]}`;
      pairCounts.set(pair, (pairCounts.get(pair) ?? 0) + count);
    }
  }
  let best: string | undefined;
  let bestCount = 0;
  for (const [pair, count] of pairCounts) {
    if (count > bestCount || (count === bestCount && pair < best!)) [best, bestCount] = [pair, count];
  }
  return best?.split(" ") as [string, string] | undefined;
}

function mergePair(symbols: readonly string[], [left, right]: readonly [string, string]): string[] {
  const merged: string[] = [];
  for (let i = 0; i < symbols.length; i++) {
    if (symbols[i] === left && symbols[i + 1] === right) {
      merged.push(left + right);
      i++;
    } else {
      merged.push(symbols[i]!);
    }
  }
  return merged;
}
