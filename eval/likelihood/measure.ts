import { DataError, type Engine, LapidaryError } from "../../engine/mod.ts";
import type { Gemma3 } from "../../model/gemma3/mod.ts";
import { limitsOf } from "./limits.ts";
import { pack, type ScoredRow } from "./pack.ts";
import { planBatches } from "./plan.ts";
import { type Likelihood, type LikelihoodRequest, toSequence } from "./request.ts";
import { createScorer } from "./scorer.ts";

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
  options: LikelihoodOptions,
): Promise<Likelihood[]> {
  const { config, rope } = model, { maxLength = config.maxPositionEmbeddings } = options;
  const sequences = requests.map((request) => toSequence(request, maxLength, config));
  const longest = sequences.reduce((most, { ids }) => Math.max(most, ids.length), 1);
  const loaded = rope.full_attention.cosine.shape[0]!;
  if (longest > loaded) {
    throw new DataError(
      `Cannot feed ${longest} tokens: the model was loaded for ${loaded} positions; load it for more`,
    );
  }
  const limits = limitsOf(config, engine.target, longest), plan = planBatches(sequences, limits);
  const sums = new Float64Array(requests.length), greedy = sequences.map(() => true);
  const missing = sequences.map(({ targets }) => targets.length);
  let done = 0;

  function count(
    { targets, asked }: ScoredRow,
    logProbabilities: readonly number[],
    likeliest: number,
  ): void {
    for (const { request, target } of asked) {
      sums[request]! += logProbabilities[target]!;
      greedy[request] &&= targets[target] === likeliest;
      if (--missing[request]! > 0) continue;
      if (!Number.isFinite(sums[request])) {
        throw new LapidaryError(
          `Cannot measure the likelihood of request ${request} (from 0): it is not finite; look for damaged weights`,
        );
      }
      done++;
    }
  }

  const scorer = createScorer(engine, model, limits, options.padId);
  try {
    for (const batch of plan.batches) {
      options.signal?.throwIfAborted();
      await scorer.feed(pack(sequences, plan, batch), plan, count);
      options.onRequests?.(done, requests.length);
    }
    await scorer.finish(count);
    options.onRequests?.(done, requests.length);
  } finally {
    scorer.close();
  }
  return requests.map((_, i) => ({ logLikelihood: sums[i]!, isGreedy: greedy[i]! }));
}
