import assert from "node:assert/strict";
import { createRandom, DataError, DeviceError } from "../../../engine/mod.ts";
import { type Likelihood, type LikelihoodRequest, measureLikelihoods } from "../../../eval/likelihood/mod.ts";
import { gpuTest } from "../../support/engine.ts";
import { GOLDEN_MODELS, loadGoldenModel, runForward } from "../../support/golden_models.ts";
import { drawIds, raggedRequests } from "../../support/likelihood_requests.ts";
import { plainLikelihoods } from "../../support/plain_likelihoods.ts";

/** Largest distance of a log-likelihood from the definition's: both are f32 sums in another order. */
const TOLERANCE = 2e-4;

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
    const model = await loadGoldenModel(engine, name), { vocabSize } = model.config;
    const requests = raggedRequests(GOLDEN_MODELS.indexOf(name), vocabSize);
    for (const maxLength of [30, 11]) { // 30 holds every request whole, 11 cuts contexts and some of them off altogether
      const actual = await measureLikelihoods(engine, model, requests, { padId: 0, maxLength });
      assertSame(actual, await plainLikelihoods(engine, model, requests, maxLength));
    }
  });
}

gpuTest(
  "a continuation of the likeliest tokens is greedy, and with one other token it is not",
  async (engine) => {
    const model = await loadGoldenModel(engine, "tiny_a"), V = model.config.vocabSize;
    const context = drawIds(createRandom(3), 9, V), continuation: number[] = [];
    while (continuation.length < 3) {
      const { logits } = await runForward(engine, model, Uint32Array.of(...context, ...continuation));
      const last = logits.subarray(-V);
      continuation.push(last.indexOf(Math.max(...last)));
    }
    const other = (token: number) => (token + 1) % V;
    const requests: LikelihoodRequest[] = [
      { context, continuation },
      { context, continuation: continuation.slice(0, 1) },
      { context, continuation: continuation.with(0, other(continuation[0]!)) },
      { context, continuation: continuation.with(2, other(continuation[2]!)) },
      { context: [...context, continuation[0]!], continuation: continuation.slice(1) },
    ];
    const found = await measureLikelihoods(engine, model, requests, { padId: 0 });
    assert.deepEqual(found.map(({ isGreedy }) => isGreedy), [true, true, false, false, true]);
    assertSame(found, await plainLikelihoods(engine, model, requests, 512));
  },
);

gpuTest("every word of the vocabulary after one context: the probabilities sum to 1", async (engine) => {
  const model = await loadGoldenModel(engine, "tiny_b"), context = [2, 5, 17];
  const requests = Array.from(
    { length: model.config.vocabSize },
    (_, id) => ({ context, continuation: [id] }),
  );
  const found = await measureLikelihoods(engine, model, requests, { padId: 0 });
  const total = found.reduce((sum, { logLikelihood }) => sum + Math.exp(logLikelihood), 0);
  assert.ok(Math.abs(total - 1) < 1e-5, `${total}`);
  assert.equal(found.filter(({ isGreedy }) => isGreedy).length, 1);
});

gpuTest(
  "more requests than one batch holds; progress is told, and a signal stops between batches",
  async (engine) => {
    const model = await loadGoldenModel(engine, "tiny_micro"), { vocabSize } = model.config;
    const random = createRandom(8);
    const requests = Array.from({ length: 260 }, () => ({
      context: drawIds(random, 8 + random.integer(8), vocabSize),
      continuation: drawIds(random, 1 + random.integer(6), vocabSize),
    }));
    const told: number[] = [];
    const found = await measureLikelihoods(engine, model, requests, {
      padId: 0,
      onRequests: (done, total) => told.push(done) && assert.equal(total, 260),
    });
    assert.ok(told.length > 2 && told.at(-1) === 260, `${told}`);
    assert.deepEqual(told, told.toSorted((a, b) => a - b));
    const some = Array.from({ length: 20 }, (_, i) => 13 * i);
    assertSame(
      some.map((i) => found[i]!),
      await plainLikelihoods(engine, model, some.map((i) => requests[i]!), 512),
    );

    const stop = new AbortController(), before = engine.allocatedBytes();
    await assert.rejects(
      measureLikelihoods(engine, model, requests, {
        padId: 0,
        signal: stop.signal,
        onRequests: () => stop.abort(new Error("enough")),
      }),
      /^Error: enough$/,
    );
    assert.equal(engine.allocatedBytes(), before, "memory was kept");
  },
);

gpuTest("requests that cannot be fed are refused with cause and cure", async (engine) => {
  const model = await loadGoldenModel(engine, "tiny_micro");
  const refused = (request: LikelihoodRequest, message: RegExp, maxLength?: number) =>
    assert.rejects(
      measureLikelihoods(engine, model, [request], { padId: 0, maxLength }),
      (error) => error instanceof DataError && message.test(error.message),
    );
  await refused(
    { context: [], continuation: [3] },
    /its context is empty; let it begin with the id of <bos>$/,
  );
  await refused({ context: [2], continuation: [] }, /it has no token; leave the request out$/);
  await refused({ context: [2, 41], continuation: [3] }, /its id 41 is outside the model's vocabulary of 41/);
  await refused(
    { context: [2], continuation: [3, 4, 5] },
    /it has 3 tokens and the model is fed 2 at most/,
    2,
  );
  await refused(
    { context: drawIds(createRandom(1), 40, 41), continuation: [3] },
    /^Cannot feed 40 tokens: the model was loaded for 32 positions; load it for more$/,
  );
  const small = { ...engine, target: { ...engine.target, maxBinding: 2 ** 10 } };
  await assert.rejects(
    measureLikelihoods(small, model, [{ context: drawIds(createRandom(1), 30, 41), continuation: [3] }], {
      padId: 0,
    }),
    (error) =>
      error instanceof DeviceError &&
      /^Cannot compute 1 row of 30 tokens at once: .* lower the length of the contexts$/
        .test(error.message),
  );
});
