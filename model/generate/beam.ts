import type { Decoder } from "./decoder.ts";
import type { ResolvedOptions } from "./options.ts";
import { processScores } from "./processors.ts";
import { logSoftmax, topIndices } from "./scores.ts";

interface Beam {
  /** Prompt and continuation. */
  readonly ids: readonly number[];
  /** Running: log-probability of the continuation. Finished: the same over `length ** lengthPenalty`. */
  readonly score: number;
}

interface Candidate extends Beam {
  readonly parent: number;
  readonly token: number;
  readonly ends: boolean;
}

/**
 * Beam search over one prompt, step for step as `transformers` 5 defines it: scores are f32; the best
 * `max(2, 1 + number of eos ids) * numBeams` continuations are considered, so that `numBeams` of them still run; an ended
 * one counts as finished only among the first `numBeams`.
 *
 * @returns the best finished beam: prompt and continuation, and its length-penalised score.
 */
export async function beamSearch(
  decoder: Decoder,
  prompt: readonly number[],
  options: ResolvedOptions,
): Promise<Beam> {
  const { numBeams, maxNewTokens } = options;
  const width = Math.max(2, 1 + options.eosTokenId.length) * numBeams;
  let running: Beam[] = [{ ids: prompt, score: 0 }];
  let finished: Beam[] = [];
  let logits = await decoder.prefill([prompt]);
  for (let length = 1; length <= maxNewTokens; length++) {
    accumulate(logits, running, decoder.vocabSize, options);
    const candidates = topIndices(logits, width).map((index): Candidate => {
      const parent = Math.floor(index / decoder.vocabSize);
      const token = index % decoder.vocabSize;
      const ends = options.eosTokenId.includes(token) || length === maxNewTokens;
      return { ids: [...running[parent]!.ids, token], score: logits[index]!, parent, token, ends };
    });
    const ended = candidates.slice(0, numBeams).filter((candidate) => candidate.ends);
    finished = best(numBeams, [
      ...finished,
      ...ended.map(({ ids, score }) => ({ ids, score: penalize(score, length, options) })),
    ]);
    const next = candidates.filter((candidate) => !candidate.ends).slice(0, numBeams);
    if (next.length === 0 || isDecided(finished, next[0]!, length, options)) break;
    logits = await decoder.step(next.map(({ token }) => token), next.map(({ parent }) => parent));
    running = next;
  }
  return finished[0]!;
}

/** Turns logits `[rows, vocabSize]` in place into the f32 scores of every beam continued by every token. */
function accumulate(
  logits: Float32Array,
  running: readonly Beam[],
  vocabSize: number,
  options: ResolvedOptions,
): void {
  running.forEach(({ ids, score }, beam) => {
    const row = logits.subarray(beam * vocabSize, (beam + 1) * vocabSize);
    logSoftmax(row);
    processScores(row, ids, options);
    for (let token = 0; token < vocabSize; token++) row[token] = row[token]! + score;
  });
}

/** Whether no running beam is taken to beat the finished ones any more (`earlyStopping` names the rule). */
function isDecided(
  finished: readonly Beam[],
  bestRunning: Beam,
  length: number,
  options: ResolvedOptions,
): boolean {
  const { numBeams, earlyStopping, lengthPenalty, maxNewTokens } = options;
  if (finished.length < numBeams) return false;
  if (earlyStopping === true) return true;
  const bestLength = earlyStopping === "never" && lengthPenalty > 0 ? maxNewTokens : length;
  return penalize(bestRunning.score, bestLength, options) <= finished[numBeams - 1]!.score;
}

function penalize(score: number, length: number, { lengthPenalty }: ResolvedOptions): number {
  return Math.fround(score / Math.fround(length ** lengthPenalty));
}

function best(count: number, beams: readonly Beam[]): Beam[] {
  return topIndices(beams.map(({ score }) => score), count).map((index) => beams[index]!);
}
