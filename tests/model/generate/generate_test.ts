import assert from "node:assert/strict";
import fc from "fast-check";
import { createRandom } from "../../../engine/mod.ts";
import { beamSearch } from "../../../model/generate/beam.ts";
import { generate, type GenerateOptions, resolveOptions } from "../../../model/generate/mod.ts";
import { argmax, topIndices } from "../../../model/generate/scores.ts";
import { softmax } from "../../../model/generate/warpers.ts";
import { tableDecoder } from "./table_decoder.ts";

const VOCAB = 9;
const SCALE = 65536;
const FIXED = { seed: 7, numRuns: 60 };

/** A decoder of random logits in -4 … 4, the same for the same seed. */
function randomDecoder(seed: number) {
  const random = createRandom(seed);
  const row = () => Array.from({ length: VOCAB }, () => Math.round((random.uniform() - 0.5) * 8 * SCALE));
  return tableDecoder(
    Array.from({ length: VOCAB }, () => Array.from({ length: VOCAB }, row)),
    SCALE,
  );
}

const cases = fc.record({
  model: fc.nat(1000),
  prompt: fc.array(fc.nat(VOCAB - 1), { minLength: 1, maxLength: 6 }),
  maxNewTokens: fc.integer({ min: 1, max: 14 }),
  numBeams: fc.integer({ min: 1, max: 4 }),
  seed: fc.nat(1000),
});

Deno.test("beam search with one beam is greedy decoding", async () => {
  await fc.assert(
    fc.asyncProperty(cases, fc.nat(3), async ({ model, prompt, maxNewTokens }, noRepeatNgramSize) => {
      const options = { maxNewTokens, noRepeatNgramSize, eosTokenId: 4 };
      const greedy = await generate(randomDecoder(model), prompt, options);
      const beam = await beamSearch(randomDecoder(model), prompt, resolveOptions(options, VOCAB));
      assert.deepEqual(beam.ids, greedy.outputIds);
    }),
    FIXED,
  );
});

Deno.test("a beam search that keeps every sequence finds the likeliest one", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(1000), fc.nat(VOCAB - 1), async (model, start) => {
      const decoder = randomDecoder(model);
      const { newIds } = await generate(decoder, [start], { maxNewTokens: 2, numBeams: VOCAB });
      const first = softmax(await decoder.prefill([[start]])).map(Math.log);
      let best: { ids: number[]; score: number } = { ids: [], score: -Infinity };
      for (let a = 0; a < VOCAB; a++) {
        const second = softmax(await decoder.prefill([[start, a]])).map(Math.log);
        second.forEach((logProbability, b) => {
          const score = first[a]! + logProbability;
          if (score > best.score) best = { ids: [a, b], score };
        });
      }
      assert.deepEqual(newIds, best.ids);
    }),
    FIXED,
  );
});

Deno.test("the output is the prompt and the continuation, which ends at its first eos or at its full length", async () => {
  await fc.assert(
    fc.asyncProperty(cases, fc.boolean(), async ({ model, prompt, maxNewTokens, numBeams, seed }, sample) => {
      const mode = sample ? { doSample: true, seed } : { numBeams };
      const options = { maxNewTokens, eosTokenId: [2, 5], ...mode };
      const { inputIds, outputIds, newIds } = await generate(randomDecoder(model), prompt, options);
      assert.deepEqual(inputIds, prompt);
      assert.deepEqual(outputIds, [...prompt, ...newIds]);
      const end = newIds.findIndex((id) => id === 2 || id === 5);
      assert.equal(newIds.length, end < 0 ? maxNewTokens : end + 1);
    }),
    FIXED,
  );
});

Deno.test("no n-gram that ends in the continuation occurs twice", async () => {
  await fc.assert(
    fc.asyncProperty(
      cases,
      fc.integer({ min: 2, max: 3 }),
      async ({ model, prompt, maxNewTokens, numBeams }, noRepeatNgramSize) => {
        const options = { maxNewTokens, numBeams, noRepeatNgramSize };
        const { outputIds } = await generate(randomDecoder(model), prompt, options);
        const ngrams = outputIds.slice(noRepeatNgramSize - 1)
          .map((_, start) => outputIds.slice(start, start + noRepeatNgramSize).join());
        const generatedFrom = Math.max(0, prompt.length - noRepeatNgramSize + 1);
        for (let i = generatedFrom; i < ngrams.length; i++) {
          assert.ok(!ngrams.slice(0, i).includes(ngrams[i]!));
        }
      },
    ),
    FIXED,
  );
});

Deno.test("sampling among the one likeliest token is greedy decoding", async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ model, prompt, maxNewTokens, seed }) => {
      const greedy = await generate(randomDecoder(model), prompt, { maxNewTokens });
      for (const narrow of [{ topK: 1 }, { topP: 1e-6 }, { temperature: 1e-4 }]) {
        const options: GenerateOptions = { maxNewTokens, doSample: true, seed, ...narrow };
        assert.deepEqual(await generate(randomDecoder(model), prompt, options), greedy);
      }
    }),
    FIXED,
  );
});

Deno.test("the same seed samples the same text, other seeds others", async () => {
  const sample = async (seed: number) =>
    (await generate(randomDecoder(1), [0], { maxNewTokens: 20, doSample: true, seed })).newIds.join();
  assert.equal(await sample(3), await sample(3));
  const texts = await Promise.all(Array.from({ length: 20 }, (_, seed) => sample(seed)));
  assert.equal(new Set(texts).size, 20);
});

Deno.test("tokens are sampled as often as their probability says", async () => {
  const decoder = randomDecoder(4);
  const expected = softmax(await decoder.prefill([[1]]));
  const draws = 5000;
  const counts = new Array<number>(VOCAB).fill(0);
  for (let seed = 0; seed < draws; seed++) {
    const { newIds } = await generate(decoder, [1], { maxNewTokens: 1, doSample: true, seed });
    counts[newIds[0]!]!++;
  }
  const chiSquared = counts.reduce(
    (sum, count, id) => sum + (count - draws * expected[id]!) ** 2 / (draws * expected[id]!),
    0,
  );
  assert.ok(
    chiSquared < 26.12,
    `chi squared ${chiSquared} on 8 degrees of freedom; 26.12 is passed once in 1,000`,
  );
});

Deno.test("logits that hold NaN or infinity are refused", async () => {
  for (const broken of [NaN, Infinity]) {
    const decoder = tableDecoder([[[0, 1], [0, 1]], [[0, 1], [broken, 1]]], 1);
    for (const mode of [{}, { numBeams: 2 }, { doSample: true, topK: 1 }]) {
      await assert.rejects(generate(decoder, [0], mode), {
        name: "LapidaryError",
        message: "Cannot choose the next token: the model's logits hold NaN or infinity; check its weights",
      });
    }
  }
});

Deno.test("sampling refuses scores that leave no token", async () => {
  const decoder = tableDecoder(Array.from({ length: 2 }, () => [[0, 0], [0, 0]]), 1);
  await assert.rejects(
    generate(decoder, [0, 0, 1, 1, 0], { maxNewTokens: 1, doSample: true, noRepeatNgramSize: 2 }),
    {
      name: "LapidaryError",
      message: "Cannot sample the next token: no_repeat_ngram_size 2 rules out every one; raise it",
    },
  );
});

Deno.test("ties go to the first index", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 30 }),
      fc.nat(35),
      (values, count) => {
        const ranked = values.map((_, i) => i).sort((a, b) => values[b]! - values[a]! || a - b);
        assert.deepEqual(topIndices(values, count), ranked.slice(0, count));
        assert.equal(argmax(Float32Array.from(values)), ranked[0]);
      },
    ),
    FIXED,
  );
});
