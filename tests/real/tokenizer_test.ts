/** The tokenizer inside the real GGUF file against the recorded ids of the published tokenizer. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { tokenizerOf } from "../../model/tokenizer/mod.ts";
import { openModel } from "../../model/weights/mod.ts";
import { sharedPath } from "../support/shared.ts";

const cache = Deno.env.get("LAPIDARY_CACHE") || join(Deno.env.get("HOME") ?? "", ".cache", "lapidary");
const gguf = join(cache, "gemma-3-270m-q4_k_m.gguf");
const recorded = sharedPath("data/gemma3/expected_ids.json");
const ready = existsSync(gguf) && recorded !== undefined;

Deno.test({
  name: `the tokenizer of the GGUF file gives the recorded ids${
    ready ? "" : " (skipped: the file or the record is absent)"
  }`,
  ignore: !ready,
  async fn() {
    const model = await openModel(gguf);
    model.weights.close();
    const tokenizer = (await tokenizerOf(model))!;
    const { cases } = JSON.parse(await Deno.readTextFile(recorded!));
    let compared = 0;
    for (const { text, ids, decoded, decoded_skip_special } of cases) {
      if (ids.includes(262144)) continue; // the image token, which has no row in this model
      assert.deepEqual([...tokenizer.encode(text)], [2, ...ids], text);
      assert.equal(tokenizer.decode(ids), decoded);
      assert.equal(tokenizer.decode(ids, { skipSpecial: true }), decoded_skip_special);
      compared++;
    }
    assert.ok(compared >= 19);
  },
});
