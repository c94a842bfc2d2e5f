/** Suggestions for mistyped names. */

/**
 * The option closest to `word`, or undefined where none is close: at most a third of its letters (and at least
 * two) may differ. The distance is Levenshtein's.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { nearest } from "./nearest.ts";
 * assert.equal(nearest("train.lrr", ["train.lr", "train.clip"]), "train.lr");
 * assert.equal(nearest("zebra", ["train.lr"]), undefined);
 * ```
 */
export function nearest(word: string, options: Iterable<string>): string | undefined {
  let best: string | undefined;
  let smallest = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const option of options) {
    const d = distance(word, option);
    if (d < smallest) [best, smallest] = [option, d];
  }
  return best;
}

/** Text to append to a message: `; did you mean "x"?`, or `otherwise` where nothing is close. */
export function didYouMean(word: string, options: Iterable<string>, otherwise: string): string {
  const close = nearest(word, options);
  return close === undefined ? `; ${otherwise}` : `; did you mean "${close}"?`;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
