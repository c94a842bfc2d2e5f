import { LapidaryError, UsageError } from "../../engine/mod.ts";
import { beamSearch } from "./beam.ts";
import { type Decoder, NOT_NUMBERS } from "./decoder.ts";
import { type GenerateOptions, resolveOptions } from "./options.ts";
import { continueGreedilyOrSample } from "./sample.ts";

/** One prompt and its continuation. */
export interface Generated {
  readonly inputIds: readonly number[];
  /** Prompt and continuation, as `transformers` returns them. */
  readonly outputIds: readonly number[];
  /** The continuation alone, with the end-of-sequence id where one ended it. */
  readonly newIds: readonly number[];
}

/**
 * Continues `inputIds` as `transformers`' `generate` does for a decoder-only model and one prompt: greedily, by beam
 * search (`numBeams` above 1) or by sampling (`doSample`).
 *
 * @throws {UsageError} for an option out of its range, an empty prompt, or a prompt id outside the vocabulary.
 * @throws {LapidaryError} for logits that are not numbers, or when sampling and every token is ruled out.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { type Decoder, NOT_NUMBERS } from "./decoder.ts";
 * const next = (token: number) => Float32Array.from({ length: 5 }, (_, id) => id === (token + 1) % 5 ? 1 : 0);
 * const counting: Decoder = {
 *   vocabSize: 5,
 *   prefill: (ids) => Promise.resolve(next(ids[0]!.at(-1)!)),
 *   step: (tokens) => Promise.resolve(next(tokens[0]!)),
 * };
 * const { outputIds } = await generate(counting, [3, 4], { maxNewTokens: 9, eosTokenId: 2 });
 * assert.deepEqual(outputIds, [3, 4, 0, 1, 2]);
 * ```
 */
export async function generate(
  decoder: Decoder,
  inputIds: readonly number[],
  options: GenerateOptions = {},
): Promise<Generated> {
  const resolved = resolveOptions(options, decoder.vocabSize);
  checkPrompt(inputIds, decoder.vocabSize);
  const checked = refusingNaN(decoder);
  const outputIds = resolved.numBeams > 1
    ? (await beamSearch(checked, inputIds, resolved)).ids
    : await continueGreedilyOrSample(checked, inputIds, resolved);
  return { inputIds, outputIds, newIds: outputIds.slice(inputIds.length) };
}

/**
 * Checks the ids of a prompt.
 *
 * @throws {UsageError} when there are none, or one is outside the vocabulary.
 */
export function checkPrompt(inputIds: readonly number[], vocabSize: number): void {
  if (inputIds.length === 0) {
    throw new UsageError("Cannot generate from an empty prompt: it holds no token ids; give at least one");
  }
  const wrong = inputIds.find((id) => !Number.isSafeInteger(id) || id < 0 || id >= vocabSize);
  if (wrong !== undefined) {
    throw new UsageError(
      `Cannot generate from token id ${wrong}: it is outside the vocabulary; give ids from 0 to ${
        vocabSize - 1
      }`,
    );
  }
}

/** The same decoder, but with an error for logits that no token could be chosen by. */
function refusingNaN(decoder: Decoder): Decoder {
  const check = (logits: Float32Array) => {
    if (logits.every((logit) => logit < Infinity)) return logits;
    throw new LapidaryError(NOT_NUMBERS);
  };
  return {
    vocabSize: decoder.vocabSize,
    prefill: async (ids) => check(await decoder.prefill(ids)),
    step: async (tokens, parents) => check(await decoder.step(tokens, parents)),
    ...(decoder.greedy && { greedy: decoder.greedy.bind(decoder) }),
  };
}
