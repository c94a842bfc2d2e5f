import type { ResolvedOptions } from "./options.ts";

/**
 * Changes one row of next-token scores in place by what `ids` (prompt and continuation) hold, in `transformers`' order:
 * repetition penalty, then n-grams that may not come again. Scores are logits when greedy or sampling, log-probabilities
 * in beam search.
 */
export function processScores(scores: Float32Array, ids: readonly number[], options: ResolvedOptions): void {
  if (options.repetitionPenalty !== 1) penalizeRepetition(scores, ids, options.repetitionPenalty);
  if (options.noRepeatNgramSize > 0) banRepeatedNgrams(scores, ids, options.noRepeatNgramSize);
}

/**
 * Divides the positive and multiplies the negative scores of every token in `ids` by `penalty`, once for each token
 * (CTRL, https://arxiv.org/abs/1909.05858, with the sign rule of `transformers`).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const scores = Float32Array.of(4, -4, 1);
 * penalizeRepetition(scores, [0, 1, 1], 2);
 * assert.deepEqual(scores, Float32Array.of(2, -8, 1));
 * ```
 */
export function penalizeRepetition(scores: Float32Array, ids: readonly number[], penalty: number): void {
  const factor = Math.fround(penalty);
  for (const id of new Set(ids)) {
    const score = scores[id]!;
    scores[id] = score < 0 ? score * factor : score / factor;
  }
}

/**
 * Gives minus infinity to every token that would complete an n-gram of `size` tokens already in `ids`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const scores = new Float32Array(3);
 * banRepeatedNgrams(scores, [0, 1, 2, 0], 2);
 * assert.deepEqual(scores, Float32Array.of(0, -Infinity, 0));
 * ```
 */
export function banRepeatedNgrams(scores: Float32Array, ids: readonly number[], size: number): void {
  const prefix = size - 1;
  const tail = ids.length - prefix;
  for (let start = 0; start < tail; start++) {
    let same = 0;
    while (same < prefix && ids[start + same] === ids[tail + same]) same++;
    if (same === prefix) scores[ids[start + prefix]!] = -Infinity;
  }
}
