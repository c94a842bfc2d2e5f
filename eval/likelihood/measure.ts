import { DataError, type Engine, LapidaryError } from "../../engine/mod.ts";
import type { Gemma3 } from "../../model/gemma3/mod.ts";
import { limitsOf } from "./limits.ts";
import { pack, type ScoredRow } from "./pack.ts";
import { planBatches } from "./plan.ts";
import { type Likelihood, type LikelihoodRequest, longestOf, type Sequence, toSequence } from "./request.ts";
import { createScorer } from "./scorer.ts";
import { keyOf, type LikelihoodStore } from "./store.ts";

/** Options of {@link measureLikelihoods}. */
export interface LikelihoodOptions {
  /** Fills what no token stands in. */
  readonly padId: number;
  /** Most tokens that are fed for a request; the model's positions where missing. */
  readonly maxLength?: number | undefined;
  /** Looked at between batches. */
  readonly signal?: AbortSignal | undefined;
  /** Told of requests that are done. */
  readonly onRequests?: ((done: number, total: number) => void) | undefined;
  /** Results of earlier runs, under the hash of the model: they are not computed again, and new ones are kept. */
  readonly kept?: { readonly store: LikelihoodStore; readonly modelHash: string } | undefined;
}

/**
 * How likely each continuation is after its context, in the order of the requests. What requests have in common from their
 * first token on is computed once, and only the positions that predict a continuation meet the vocabulary.
 *
 * @throws {DataError} for a request that cannot be fed; {DeviceError} where one is too long for the device; {LapidaryError}
 * where a log-likelihood is not finite
 */
export async function measureLikelihoods(
  engine: Engine,
  model: Gemma3,
  requests: readonly LikelihoodRequest[],
  { maxLength, kept, onRequests, ...options }: LikelihoodOptions,
): Promise<Likelihood[]> {
  const sequences = requests.map((request) => toSequence(request, model.config, maxLength));
  requirePositions(model, sequences);
  const keys = kept && sequences.map((sequence) => keyOf(kept.modelHash, sequence));
  const found = sequences.map((_, i) => kept?.store.get(keys![i]!));
  const open = found.flatMap((known, i) => known ? [] : [i]);
  let done = found.length - open.length;
  await score(engine, model, open.map((i) => sequences[i]!), {
    ...options,
    onScored(at, likelihood) {
      const i = open[at]!;
      found[i] = likelihood;
      if (kept && !kept.store.get(keys![i]!)) kept.store.put(keys![i]!, likelihood);
      done++;
    },
    onBatch: () => onRequests?.(done, requests.length),
  });
  return found as Likelihood[];
}

function requirePositions({ rope }: Gemma3, sequences: readonly Sequence[]): void {
  const longest = longestOf(sequences), loaded = rope.full_attention.cosine.shape[0]!;
  if (longest > loaded) {
    throw new DataError(
      `Cannot feed ${longest} tokens: the model was loaded for ${loaded} positions; load it for more`,
    );
  }
}

interface ScoreOptions extends Pick<LikelihoodOptions, "padId" | "signal"> {
  readonly onScored: (sequence: number, likelihood: Likelihood) => void;
  readonly onBatch: () => void;
}

/** Scores sequences batch by batch, each as soon as the last of its targets is known. */
async function score(
  engine: Engine,
  model: Gemma3,
  sequences: readonly Sequence[],
  { padId, signal, onScored, onBatch }: ScoreOptions,
): Promise<void> {
  const limits = limitsOf(model.config, engine.target, longestOf(sequences));
  const plan = planBatches(sequences, limits);
  const sums = new Float64Array(sequences.length), greedy = sequences.map(() => true);
  const missing = sequences.map(({ targets }) => targets.length);

  function add({ targets, asked }: ScoredRow, logProbabilities: readonly number[], likeliest: number): void {
    for (const { sequence, target } of asked) {
      sums[sequence]! += logProbabilities[target]!;
      greedy[sequence] &&= targets[target] === likeliest;
      if (--missing[sequence]! > 0) continue;
      if (!Number.isFinite(sums[sequence])) {
        throw new LapidaryError(
          "Cannot measure the likelihood of a continuation: it is not finite; look for damaged weights",
        );
      }
      onScored(sequence, { logLikelihood: sums[sequence]!, isGreedy: greedy[sequence]! });
    }
  }

  const scorer = createScorer(engine, model, limits, padId);
  try {
    for (const batch of plan.batches) {
      signal?.throwIfAborted();
      await scorer.feed(pack(sequences, plan, batch), plan, add);
      onBatch();
    }
    await scorer.finish(add);
    onBatch();
  } finally {
    scorer.close();
  }
}
