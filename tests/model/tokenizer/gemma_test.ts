/** Id for id against the recorded ids of the real Gemma 3 tokenizer, where that file stands beside the repository. */
import assert from "node:assert/strict";
import { DataError } from "../../../engine/mod.ts";
import { createTokenizer } from "../../../model/tokenizer/mod.ts";
import { gemmaTokenizer, withoutGemma } from "../../support/gemma_tokenizer.ts";
import { sharedPath } from "../../support/shared.ts";

interface Case {
  readonly category: string;
  readonly text: string;
  readonly ids: number[];
  readonly tokens: string[];
  readonly decoded: string;
  readonly decoded_skip_special: string;
}

Deno.test({
  name: `Gemma 3: recorded ids, tokens and texts${withoutGemma}`,
  ignore: withoutGemma !== "",
  async fn() {
    const { cases } = JSON.parse(await Deno.readTextFile(sharedPath("data/gemma3/expected_ids.json")!));
    const t = await gemmaTokenizer();
    for (const { category, text, ids, tokens, decoded, decoded_skip_special } of cases as Case[]) {
      const actual = [...t.encode(text)];
      assert.deepEqual(actual, [2, ...ids], category);
      assert.deepEqual(t.pieces(ids), tokens, category);
      assert.equal(t.decode(ids), decoded, category);
      assert.equal(t.decode(actual, { skipSpecial: true }), decoded_skip_special, category);
    }
    assert.equal(cases.length, 20);
  },
});

Deno.test({
  name: `Gemma 3: the cases of small_input.txt${withoutGemma}`,
  ignore: withoutGemma !== "",
  async fn() {
    const inputs = await lines("data/tokenizers/small_input.txt");
    const expected = await lines("data/tokenizers/small_tokens_gemma3.tokenizers.txt");
    const t = await gemmaTokenizer();
    assert.equal(inputs.length, expected.length);
    for (const [i, line] of inputs.entries()) {
      const text = line.replaceAll("\\n", "\n").replaceAll("\\s", " ").replaceAll("\\x", "");
      assert.equal(t.encode(text, { special: false }).join(", "), expected[i], line);
    }
  },
});

Deno.test({
  name: `Gemma 3: the image token has no row${withoutGemma}`,
  ignore: withoutGemma !== "",
  async fn() {
    const t = await gemmaTokenizer(262144);
    assert.deepEqual([t.vocabSize, t.bosId, t.eosId, t.padId], [262144, 2, 1, 0]);
    assert.throws(() => t.encode("see <image_soft_token>"), (error: Error) => {
      assert.ok(error instanceof DataError);
      assert.equal(
        error.message,
        'Cannot encode "<image_soft_token>": its id 262144 has no row in the model\'s vocabulary of 262144; remove it from the text',
      );
      return true;
    });
  },
});

Deno.test({
  name: "a cropped Gemma tokenizer loads, one of another kind is refused",
  ignore: sharedPath("data/tokenizers/sqlpilot.tokenizer.json") === undefined,
  async fn() {
    const read = async (name: string) =>
      JSON.parse(await Deno.readTextFile(sharedPath(`data/tokenizers/${name}`)!));
    const cropped = createTokenizer(await read("gemma_cropped.tokenizer.json"), {}, { path: "cropped" });
    assert.equal(cropped.decode(cropped.encode("hello there"), { skipSpecial: true }), "hello there");
    const other = await read("sqlpilot.tokenizer.json");
    assert.throws(() => createTokenizer(other, {}, { path: "sqlpilot" }), {
      name: "DataError",
      message:
        'Cannot use sqlpilot: its normalizer is of the kind "NFKC", not one of Sequence, Replace, Prepend; ' +
        "give the tokenizer.json of a Gemma model",
    });
  },
});

async function lines(name: string): Promise<string[]> {
  return (await Deno.readTextFile(sharedPath(name)!)).split("\n").filter((line) => line !== "");
}
