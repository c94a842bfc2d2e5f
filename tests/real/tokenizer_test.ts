/** The tokenizer inside the real GGUF file against the ids of the published tokenizer. */
import assert from "node:assert/strict";
import { type Tokenizer, tokenizerOf } from "../../model/tokenizer/mod.ts";
import { openModel } from "../../model/weights/mod.ts";
import { digest, golden as python, textOf } from "../model/tokenizer/recipe.ts";
import { sharedPath } from "../support/shared.ts";
import { golden } from "./golden.ts";
import { realTest } from "./real_model.ts";

async function tokenizerIn(path: string): Promise<Tokenizer> {
  const model = await openModel(path);
  model.weights.close();
  return (await tokenizerOf(model))!;
}

realTest("the tokenizer of the GGUF file gives the golden prompts' ids", async (path) => {
  const tokenizer = await tokenizerIn(path);
  for (const { text, input_ids } of golden.prompts) assert.deepEqual([...tokenizer.encode(text)], input_ids);
});

realTest("the tokenizer of the GGUF file gives the recorded ids and texts", async (path) => {
  const recorded = sharedPath("data/gemma3/expected_ids.json");
  if (!recorded) return console.log("skipped: the record is absent");
  const tokenizer = await tokenizerIn(path), { cases } = JSON.parse(await Deno.readTextFile(recorded));
  let compared = 0;
  for (const { text, ids, decoded, decoded_skip_special } of cases) {
    if (ids.includes(262144)) continue; // the image token, which has no row in this model
    assert.deepEqual([...tokenizer.encode(text)], [2, ...ids], text);
    assert.equal(tokenizer.decode(ids), decoded);
    assert.equal(tokenizer.decode(ids, { skipSpecial: true }), decoded_skip_special);
    compared++;
  }
  assert.ok(compared >= 19);
});

realTest("the tokenizer of the GGUF file gives Python's ids of the made-up strings", async (path) => {
  const tokenizer = await tokenizerIn(path), differing: string[] = [];
  for (let i = 0; i < python.count; i++) {
    const text = textOf(i);
    if (digest(tokenizer.encode(text).join()) !== python.ids.slice(8 * i, 8 * i + 8)) differing.push(text);
  }
  assert.deepEqual(differing, []);
});
