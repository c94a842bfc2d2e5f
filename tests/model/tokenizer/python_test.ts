/** The real Gemma 3 tokenizer against the Python package `tokenizers`, on strings that both draw by one recipe. */
import assert from "node:assert/strict";
import { paddedBatch } from "../../../train/data/mod.ts";
import { gemmaTokenizer, withoutGemma } from "../../support/gemma_tokenizer.ts";
import { digest, golden, sequenceOf, sha256, textOf } from "./recipe.ts";

const texts = Array.from({ length: golden.count }, (_, i) => textOf(i));

Deno.test("the recipe draws the strings that Python drew", () => {
  assert.equal(sha256(texts.join("\0")), golden.texts);
});

Deno.test({
  name: `Gemma 3: ids and decoded text of ${golden.count} strings are Python's${withoutGemma}`,
  ignore: withoutGemma !== "",
  async fn() {
    const t = await gemmaTokenizer();
    for (const { text, ids } of golden.shown) {
      assert.deepEqual([...t.encode(text)], ids, JSON.stringify(text));
    }
    let tokens = 0;
    const differing = { ids: [] as string[], decoded: [] as string[] };
    for (const [i, text] of texts.entries()) {
      const ids = t.encode(text);
      tokens += ids.length;
      if (digest(ids.join()) !== part(golden.ids, i)) differing.ids.push(text);
      if (bothDecoded(t, ids) !== part(golden.decoded, i)) differing.decoded.push(text);
    }
    assert.deepEqual(differing, { ids: [], decoded: [] });
    assert.equal(tokens, golden.tokens);
  },
});

Deno.test({
  name: `Gemma 3: ${golden.sequences} sequences of ids that no text has decode as in Python${withoutGemma}`,
  ignore: withoutGemma !== "",
  async fn() {
    const t = await gemmaTokenizer();
    for (let i = 0; i < golden.sequences; i++) {
      const ids = sequenceOf(i);
      assert.equal(bothDecoded(t, ids), part(golden.sequences_decoded, i), ids.join());
    }
  },
});

Deno.test({
  name: `Gemma 3: truncation and padding on either side are Python's${withoutGemma}`,
  ignore: withoutGemma !== "",
  async fn() {
    const t = await gemmaTokenizer(), rows = texts.map((text) => t.encode(text));
    assert.deepEqual(Object.keys(golden.padded), ["left 32", "right 32", "left 7", "right 7"]);
    for (const [name, digests] of Object.entries(golden.padded)) {
      const [side, length] = name.split(" ") as ["left" | "right", string];
      for (let i = 0; i * golden.block < rows.length; i++) {
        const block = rows.slice(i * golden.block, (i + 1) * golden.block).map((row) =>
          row.slice(0, Number(length))
        );
        const { ids, mask, T } = paddedBatch(block, { side, padId: t.padId });
        const lines = block.map((_, b) =>
          `${ids.subarray(b * T, (b + 1) * T).join()};${mask.subarray(b * T, (b + 1) * T).join()}`
        );
        assert.equal(digest(lines.join("|")), part(digests, i), `${name}, block ${i}`);
      }
    }
  },
});

const part = (digests: string, i: number) => digests.slice(8 * i, 8 * i + 8);

function bothDecoded(
  { decode }: Awaited<ReturnType<typeof gemmaTokenizer>>,
  ids: Iterable<number>,
): string {
  const list = [...ids];
  return digest([false, true].map((skipSpecial) => decode(list, { skipSpecial })).join("\0"));
}
