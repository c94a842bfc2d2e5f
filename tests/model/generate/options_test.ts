import assert from "node:assert/strict";
import { generate, type GenerateOptions, resolveOptions } from "../../../model/generate/mod.ts";
import { tableDecoder } from "./table_decoder.ts";

const refusals: [GenerateOptions, string][] = [
  [{ maxNewTokens: 0 }, "max_new_tokens 0: it is out of range; give a whole number of 1 or more"],
  [{ numBeams: 0 }, "num_beams 0: it is out of range; give a whole number of 1 or more"],
  [{ numBeams: 2.5 }, "num_beams 2.5: it is out of range; give a whole number of 1 or more"],
  [
    { noRepeatNgramSize: -1 },
    "no_repeat_ngram_size -1: it is out of range; give a whole number of 0 or more",
  ],
  [{ topK: -1 }, "top_k -1: it is out of range; give a whole number of 0 or more"],
  [{ seed: 0.5 }, "seed 0.5: it is out of range; give a whole number of 0 or more"],
  [{ temperature: 0 }, "temperature 0: it is out of range; give a finite number above 0"],
  [{ temperature: NaN }, "temperature NaN: it is out of range; give a finite number above 0"],
  [{ repetitionPenalty: 0 }, "repetition_penalty 0: it is out of range; give a finite number above 0"],
  [{ lengthPenalty: Infinity }, "length_penalty Infinity: it is out of range; give a finite number"],
  [{ topP: 0 }, "top_p 0: it is out of range; give a number above 0 and up to 1"],
  [{ topP: 1.01 }, "top_p 1.01: it is out of range; give a number above 0 and up to 1"],
  [{ eosTokenId: 10 }, "eos_token_id 10: it is out of range; give token ids from 0 to 9"],
  [{ eosTokenId: [1, -1] }, "eos_token_id -1: it is out of range; give token ids from 0 to 9"],
];

for (const [options, message] of refusals) {
  Deno.test(`refused: ${message}`, () => {
    assert.throws(() => resolveOptions(options, 10), {
      name: "UsageError",
      message: `Cannot generate with ${message}`,
    });
  });
}

Deno.test("refused: sampling with beams", () => {
  assert.throws(() => resolveOptions({ numBeams: 3, doSample: true }, 10), {
    name: "UsageError",
    message: "Cannot sample with num_beams 3: beam search here is deterministic; " +
      "leave out do_sample, or set num_beams to 1",
  });
});

Deno.test("refused: an empty prompt, and a prompt id outside the vocabulary", async () => {
  const decoder = tableDecoder([[[0, 0], [0, 0]], [[0, 0], [0, 0]]], 1);
  await assert.rejects(generate(decoder, []), {
    name: "UsageError",
    message: "Cannot generate from an empty prompt: it holds no token ids; give at least one",
  });
  await assert.rejects(generate(decoder, [1, 2]), {
    name: "UsageError",
    message: "Cannot generate from token id 2: it is outside the vocabulary; give ids from 0 to 1",
  });
});

Deno.test("defaults are transformers', and eos_token_id may be one id or several", () => {
  assert.deepEqual(resolveOptions({ eosTokenId: [4, 4, 2] }, 10), {
    maxNewTokens: 20,
    eosTokenId: [4, 2],
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
  });
});
