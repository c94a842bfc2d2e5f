import { UsageError } from "../../engine/mod.ts";

/** How to generate; names, meanings and defaults are those of `transformers`' generation configuration. */
export interface GenerateOptions {
  /** Most tokens to add to the prompt; default 20. */
  maxNewTokens?: number;
  /** Token id, or ids, that end a sequence; the id is kept in the output. Default none. */
  eosTokenId?: number | readonly number[];
  /** Beams kept in beam search; default 1, which is greedy decoding (or sampling). */
  numBeams?: number;
  /** A finished beam's score is its log-probability over `length ** lengthPenalty`; default 1. */
  lengthPenalty?: number;
  /**
   * When beam search with enough finished beams may end: `false` (default) when the best running beam, at its present
   * length, cannot beat the worst finished one; `true` at once; `"never"` when it cannot at any length.
   */
  earlyStopping?: boolean | "never";
  /** Above 1 makes tokens of the prompt and the continuation less likely to come again; default 1 (off). */
  repetitionPenalty?: number;
  /** No run of this many tokens occurs twice; default 0 (off). */
  noRepeatNgramSize?: number;
  /** Draw the next token at random instead of taking the likeliest; default `false`. */
  doSample?: boolean;
  /** Divides the logits before sampling; default 1. */
  temperature?: number;
  /** Sample among this many likeliest tokens only; default 50, 0 for all. */
  topK?: number;
  /** Sample among the likeliest tokens that together have this probability; default 1 (all). */
  topP?: number;
  /** Seed of the random draws, 0 … 2^53 - 1; default 0. The same seed gives the same text. */
  seed?: number;
}

/** {@linkcode GenerateOptions} with every default filled in and `eosTokenId` a list without repeats. */
export type ResolvedOptions = Required<Omit<GenerateOptions, "eosTokenId">> & {
  eosTokenId: readonly number[];
};

const defaults = {
  maxNewTokens: 20,
  numBeams: 1,
  lengthPenalty: 1,
  earlyStopping: false,
  repetitionPenalty: 1,
  noRepeatNgramSize: 0,
  doSample: false,
  temperature: 1,
  topK: 50,
  topP: 1,
  seed: 0,
} as const;

/**
 * Fills in the defaults and checks every option against the vocabulary.
 *
 * @throws {UsageError} for an option out of its range, an end-of-sequence id outside the vocabulary, or sampling with beams.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(resolveOptions({ eosTokenId: 3 }, 10).eosTokenId, [3]);
 * assert.throws(() => resolveOptions({ numBeams: 0 }, 10));
 * ```
 */
export function resolveOptions(options: GenerateOptions, vocabSize: number): ResolvedOptions {
  const eos = options.eosTokenId ?? [];
  const resolved = {
    ...defaults,
    ...options,
    eosTokenId: [...new Set(typeof eos === "number" ? [eos] : eos)],
  };
  requireInteger("max_new_tokens", resolved.maxNewTokens, 1);
  requireInteger("num_beams", resolved.numBeams, 1);
  requireInteger("no_repeat_ngram_size", resolved.noRepeatNgramSize, 0);
  requireInteger("top_k", resolved.topK, 0);
  requireInteger("seed", resolved.seed, 0);
  requireAboveZero("temperature", resolved.temperature);
  requireAboveZero("repetition_penalty", resolved.repetitionPenalty);
  require(
    Number.isFinite(resolved.lengthPenalty),
    "length_penalty",
    resolved.lengthPenalty,
    "a finite number",
  );
  require(resolved.topP > 0 && resolved.topP <= 1, "top_p", resolved.topP, "a number above 0 and up to 1");
  for (const id of resolved.eosTokenId) {
    const range = `token ids from 0 to ${vocabSize - 1}`;
    require(Number.isSafeInteger(id) && id >= 0 && id < vocabSize, "eos_token_id", id, range);
  }
  if (resolved.doSample && resolved.numBeams > 1) {
    throw new UsageError(
      `Cannot sample with num_beams ${resolved.numBeams}: beam search here is deterministic; ` +
        "leave out do_sample, or set num_beams to 1",
    );
  }
  return resolved;
}

function requireInteger(name: string, value: number, least: number): void {
  require(Number.isSafeInteger(value) && value >= least, name, value, `a whole number of ${least} or more`);
}

function requireAboveZero(name: string, value: number): void {
  require(value > 0 && Number.isFinite(value), name, value, "a finite number above 0");
}

function require(valid: boolean, name: string, value: number, allowed: string): void {
  if (!valid) {
    throw new UsageError(`Cannot generate with ${name} ${value}: it is out of range; give ${allowed}`);
  }
}
