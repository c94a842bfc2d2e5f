import { createRandom, LapidaryError } from "../../engine/mod.ts";
import { type Decoder, NOT_A_TOKEN, NOT_NUMBERS } from "./decoder.ts";
import type { ResolvedOptions } from "./options.ts";
import { processScores } from "./processors.ts";
import { argmax } from "./scores.ts";
import { softmax, warpScores } from "./warpers.ts";

/**
 * Continues one prompt token by token, by the likeliest token or, with `doSample`, a random one, until an
 * end-of-sequence id or `maxNewTokens`.
 *
 * @returns prompt and continuation.
 * @throws {LapidaryError} when sampling and every token is ruled out.
 */
export async function continueGreedilyOrSample(
  decoder: Decoder,
  prompt: readonly number[],
  options: ResolvedOptions,
): Promise<number[]> {
  if (decoder.greedy && choosesByLogitsAlone(options)) {
    const { maxNewTokens: count, eosTokenId } = options;
    const isEnd = (token: number) => token === NOT_A_TOKEN || eosTokenId.includes(token);
    const tokens = await decoder.greedy(prompt, { count, isEnd });
    if (tokens.at(-1) === NOT_A_TOKEN) throw new LapidaryError(NOT_NUMBERS);
    return [...prompt, ...tokens];
  }
  const ids = [...prompt], random = createRandom(options.seed);
  let logits = await decoder.prefill([prompt]);
  for (let length = 1;; length++) {
    processScores(logits, ids, options);
    const token = options.doSample ? sampleToken(logits, random.uniform(), options) : argmax(logits);
    ids.push(token);
    if (length === options.maxNewTokens || options.eosTokenId.includes(token)) return ids;
    logits = await decoder.step([token], [0]);
  }
}

/** Whether the next token is the likeliest, whatever came before: then nobody but the decoder needs the logits. */
function choosesByLogitsAlone(options: ResolvedOptions): boolean {
  return !options.doSample && options.repetitionPenalty === 1 && options.noRepeatNgramSize === 0;
}

/** The token where the cumulative distribution passes `threshold`, a random number uniform in [0, 1). */
function sampleToken(scores: Float32Array, threshold: number, options: ResolvedOptions): number {
  warpScores(scores, options);
  const probabilities = softmax(scores);
  let cumulative = 0;
  let token = -1;
  for (let i = 0; i < probabilities.length && cumulative <= threshold; i++) {
    if (!(probabilities[i]! > 0)) continue;
    cumulative += probabilities[i]!;
    token = i;
  }
  if (token < 0) {
    throw new LapidaryError(
      `Cannot sample the next token: no_repeat_ngram_size ${options.noRepeatNgramSize} rules out every one; raise it`,
    );
  }
  return token;
}
