/** Greedy decoding on the device: the tokens that the host would choose, with few waits for many of them. */
import assert from "node:assert/strict";
import { type Engine, listen } from "../../engine/mod.ts";
import { createDecoder, type Gemma3, loadGemma3, releaseGemma3 } from "../../model/gemma3/mod.ts";
import { type Decoder, generate } from "../../model/generate/mod.ts";
import { gpuTest } from "../support/engine.ts";
import { withGoldenModel } from "../support/golden_models.ts";

const PROMPT = [2, 7, 11], TOKENS = 50;

/** tiny_a for 60 positions, its weights as `change` leaves them. */
async function withTinyA(
  engine: Engine,
  use: (model: Gemma3) => Promise<void>,
  change: (name: string, values: Float32Array) => void = () => {},
): Promise<void> {
  const model = await withGoldenModel(
    "tiny_a",
    ({ config, weights }) =>
      loadGemma3(engine, config, async (name) => {
        const values = await weights.readF32(name);
        change(name, values);
        return values;
      }, { label: "tiny_a", positions: 60 }),
  );
  await use(model).finally(() => releaseGemma3(engine, model));
}

/** The decoder without its own way to choose. */
const byHost = ({ vocabSize, prefill, step }: Decoder): Decoder => ({ vocabSize, prefill, step });

gpuTest(
  "the device chooses the host's tokens, with one read for many",
  (engine) =>
    withTinyA(engine, async (model) => {
      const decoder = createDecoder(engine, model, { maxLength: PROMPT.length + TOKENS });
      const expected = await generate(byHost(decoder), PROMPT, { maxNewTokens: TOKENS });
      let reads = 0;
      const stop = listen(({ kind }) => reads += kind === "read" ? 1 : 0);
      const chosen = await generate(decoder, PROMPT, { maxNewTokens: TOKENS });
      stop();
      assert.deepEqual(chosen, expected);
      assert.equal(chosen.newIds.length, TOKENS);
      assert.equal(reads, 4); // 4, 8, 16 and the rest of 32 tokens
      // Once more, and on from what a decoder holds.
      assert.deepEqual(await generate(decoder, PROMPT, { maxNewTokens: 5 }), {
        ...expected,
        outputIds: expected.outputIds.slice(0, PROMPT.length + 5),
        newIds: expected.newIds.slice(0, 5),
      });
      decoder.close();
    }),
);

gpuTest("what was computed beyond an end is left out", (engine) =>
  withTinyA(engine, async (model) => {
    const decoder = createDecoder(engine, model, { maxLength: PROMPT.length + TOKENS });
    const { newIds } = await generate(byHost(decoder), PROMPT, { maxNewTokens: TOKENS });
    for (const eosTokenId of [newIds[0]!, newIds.at(-1)!, [newIds[5]!, newIds[9]!]]) {
      const options = { maxNewTokens: TOKENS, eosTokenId };
      assert.deepEqual(
        await generate(decoder, PROMPT, options),
        await generate(byHost(decoder), PROMPT, options),
      );
    }
    decoder.close();
  }));

gpuTest("logits that are not numbers are an error", (engine) =>
  withTinyA(
    engine,
    async (model) => {
      const decoder = createDecoder(engine, model, { maxLength: 20 });
      await assert.rejects(generate(decoder, PROMPT, { maxNewTokens: 8 }), {
        name: "LapidaryError",
        message: "Cannot choose the next token: the model's logits hold NaN or infinity; check its weights",
      });
      decoder.close();
    },
    (name, values) => void (name === "model.norm.weight" && values.fill(NaN)),
  ));

gpuTest(
  "a decoder that holds less than asked for says so before it runs",
  (engine) =>
    withTinyA(engine, async (model) => {
      const decoder = createDecoder(engine, model, { maxLength: 6 });
      assert.equal((await generate(decoder, PROMPT, { maxNewTokens: 4 })).newIds.length, 4);
      await assert.rejects(generate(decoder, PROMPT, { maxNewTokens: 5 }), {
        name: "UsageError",
        message: "Cannot hold 7 tokens: the decoder was made for 6, prompt and continuation together; " +
          "make it for more, or give a shorter prompt or a lower max_new_tokens",
      });
      decoder.close();
    }),
);
