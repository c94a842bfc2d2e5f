import type { ResolvedOptions } from "./options.ts";
import { argmax } from "./scores.ts";

/** Reshapes one row of scores in place for sampling, in `transformers`' order: temperature, top-k, top-p. */
export function warpScores(scores: Float32Array, options: ResolvedOptions): void {
  if (options.temperature !== 1) divideByTemperature(scores, options.temperature);
  if (options.topK > 0) keepTopK(scores, options.topK);
  if (options.topP < 1) keepTopP(scores, options.topP);
}

function divideByTemperature(scores: Float32Array, temperature: number): void {
  const divisor = Math.fround(temperature);
  for (let i = 0; i < scores.length; i++) scores[i] = scores[i]! / divisor;
}

/**
 * Gives minus infinity to every score below the `count`-th largest; equals of that one stay.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const scores = Float32Array.of(1, 3, 2);
 * keepTopK(scores, 2);
 * assert.deepEqual(scores, Float32Array.of(-Infinity, 3, 2));
 * ```
 */
export function keepTopK(scores: Float32Array, count: number): void {
  if (count >= scores.length) return;
  const least = scores.toSorted()[scores.length - count]!;
  for (let i = 0; i < scores.length; i++) {
    if (scores[i]! < least) scores[i] = -Infinity;
  }
}

/**
 * Gives minus infinity to the least likely tokens whose probabilities together do not exceed `1 - mass`; the likeliest
 * token always stays (nucleus sampling, https://arxiv.org/abs/1904.09751).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const scores = Float32Array.of(Math.log(0.5), Math.log(0.3), Math.log(0.2));
 * keepTopP(scores, 0.75);
 * assert.equal(scores[1], Math.fround(Math.log(0.3)));
 * assert.equal(scores[2], -Infinity);
 * ```
 */
export function keepTopP(scores: Float32Array, mass: number): void {
  const possible = Array.from(scores.keys()).filter((index) => scores[index]! > -Infinity);
  const ascending = possible.sort((a, b) => scores[a]! - scores[b]! || a - b);
  const probabilities = softmax(scores);
  let cumulative = 0;
  for (const index of ascending.slice(0, -1)) {
    cumulative += probabilities[index]!;
    if (cumulative > 1 - mass) return;
    scores[index] = -Infinity;
  }
}

/** The probabilities of one row of scores, in f64. */
export function softmax(scores: Float32Array): Float64Array {
  const max = scores[argmax(scores)]!;
  const probabilities = new Float64Array(scores.length);
  let total = 0;
  for (let i = 0; i < scores.length; i++) {
    const weight = Math.exp(scores[i]! - max);
    probabilities[i] = weight;
    total += weight;
  }
  for (let i = 0; i < scores.length; i++) probabilities[i] = probabilities[i]! / total;
  return probabilities;
}
