import assert from "node:assert/strict";
import { createRandom, type Random } from "../../../engine/mod.ts";
import { type Likelihood, type LikelihoodRequest, measureLikelihoods } from "../../../eval/likelihood/mod.ts";
import { gpuTest } from "../../support/engine.ts";
import { GOLDEN_MODELS, loadGoldenModel } from "../../support/golden_models.ts";
import { plainLikelihoods } from "../../support/plain_likelihoods.ts";

/** Largest distance of a log-likelihood from the definition's: both are f32 sums in another order. */
const TOLERANCE = 2e-4;

const ids = (random: Random, count: number, vocabulary: number): number[] =>
  Array.from({ length: count }, () => random.integer(vocabulary));

/** Ragged groups: contexts with several continuations, of one token and of many, and one of each group twice. */
function raggedRequests(seed: number, vocabulary: number): LikelihoodRequest[] {
  const random = createRandom(seed);
  return Array.from({ length: 6 }).flatMap(() => {
    const context = ids(random, 1 + random.integer(17), vocabulary);
    const group = Array.from({ length: 1 + random.integer(4) }, () => ({
      context,
      continuation: ids(random, random.integer(2) === 0 ? 1 : 1 + random.integer(8), vocabulary),
    }));
    return [...group, group[0]!];
  });
}

function assertSame(actual: readonly Likelihood[], expected: readonly Likelihood[]): void {
  assert.equal(actual.length, expected.length);
  actual.forEach(({ logLikelihood, isGreedy }, i) => {
    assert.ok(
      Math.abs(logLikelihood - expected[i]!.logLikelihood) <= TOLERANCE,
      `request ${i}: ${logLikelihood} is not ${expected[i]!.logLikelihood}`,
    );
    assert.equal(isGreedy, expected[i]!.isGreedy, `request ${i}`);
  });
}

for (const name of GOLDEN_MODELS) {
  gpuTest(`${name}: likelihoods are those of one plain row a request`, async (engine) => {
    const model = await loadGoldenModel(engine, name);
    const requests = raggedRequests(GOLDEN_MODELS.indexOf(name), model.config.vocabSize);
    for (const maxLength of [30, 11]) {
      const actual = await measureLikelihoods(engine, model, requests, { padId: 0, maxLength });
      assertSame(actual, await plainLikelihoods(engine, model, requests, maxLength));
    }
  });
}
