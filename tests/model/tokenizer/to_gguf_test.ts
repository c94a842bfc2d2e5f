/** A tokenizer.json as GGUF keeps it, and read from there again. */
import assert from "node:assert/strict";
import { DataError } from "../../../engine/mod.ts";
import type { GgufValue, WritableValue } from "../../../model/gguf/mod.ts";
import { createTokenizer, tokenizerFromGguf, tokenizerToMetadata } from "../../../model/tokenizer/mod.ts";
import { throwsWith } from "../../support/errors.ts";
import { smallTokenizer, type TokenizerJson } from "../../support/tokenizer.ts";

const path = "tokenizer.json";
const written = (file: TokenizerJson, vocabSize: number, eosId?: number) =>
  tokenizerToMetadata({ file, config: {}, path }, vocabSize, eosId);
const again = (metadata: Map<string, WritableValue>) =>
  tokenizerFromGguf(metadata as Map<string, GgufValue>, "m.gguf");

/** The small tokenizer with merges for every way to part a token, a run of spaces, a tag and a spare token. */
function gemmaLike(): TokenizerJson {
  const file = smallTokenizer(), size = Object.keys(file.model.vocab).length;
  file.model.vocab["▁▁"] = size;
  file.model.merges.unshift(["▁", "▁"]);
  for (const [i, content] of ["▁▁", "<table>", "<unused0>"].entries()) {
    file.added_tokens.push({ id: size + i, content, special: false, normalized: false });
  }
  return file;
}

Deno.test("what is read from GGUF again gives the ids and texts of the tokenizer.json", () => {
  const file = gemmaLike(), { metadata, notes } = written(file, 276);
  assert.deepEqual(notes, []);
  const restored = again(metadata), original = createTokenizer(file, {}, { path });
  for (const text of ["hello he", "", "lo  lo he!", "é🙂", "<eos>hello", "<table>h<unused0>"]) {
    assert.deepEqual(restored.encode(text), original.encode(text), text);
    assert.equal(
      restored.decode(restored.encode(text), { skipSpecial: true }),
      original.decode(original.encode(text), { skipSpecial: true }),
    );
  }
  const { bosId, eosId, padId, vocabSize } = restored;
  assert.deepEqual([bosId, eosId, padId, vocabSize], [2, 1, 0, 276]);
});

Deno.test("kinds, scores, spelling and flags are those of published files", () => {
  const { metadata } = written(gemmaLike(), 278, 7),
    of = (key: string) => metadata.get(`tokenizer.ggml.${key}`);
  const tokens = of("tokens") as string[], types = of("token_type") as Int32Array;
  assert.deepEqual([of("model"), of("pre"), of("add_space_prefix")], ["llama", "default", false]);
  assert.deepEqual([of("add_bos_token"), of("add_eos_token"), of("eos_token_id")], [true, false, 7]);
  assert.deepEqual([of("bos_token_id"), of("unknown_token_id"), of("padding_token_id")], [2, 3, 0]);
  assert.deepEqual([tokens[271], tokens[272], tokens[273], tokens[276]], [
    "▁he",
    "  ",
    "<table>",
    "[PAD276]",
  ]);
  assert.deepEqual([0, 4, 260, 272, 273, 274, 277].map((id) => types[id]), [3, 6, 1, 4, 4, 3, 5]);
  const scores = of("scores") as Float32Array; // "he", "lo", "▁he" as the merges come
  assert.deepEqual([269, 270, 271].map((id) => scores[id]), [-0, -1, -2]);
  assert.deepEqual([scores[0], scores[4], scores[272]], [-1000, 0, -1000]);
});

Deno.test("a token beyond the embedding is left out", () => {
  assert.equal(
    (written(gemmaLike(), 274).metadata.get("tokenizer.ggml.tokens") as string[]).includes("<unused0>"),
    false,
  );
});

Deno.test("merges that no scores can say are told", () => {
  const file = gemmaLike();
  file.model.vocab["hel"] = 276; // only from "he" and "l": not from "h" and "el"
  file.model.vocab["el"] = 277;
  file.model.merges.push(["he", "l"], ["e", "l"]);
  const [note] = written(file, 278).notes;
  assert.match(
    note!,
    /^GGUF keeps a score for each token in place of merges, .* \(1\): other runtimes may give other ids/,
  );
});

const refused: [problem: string, change: (file: TokenizerJson) => void][] = [
  ['it does not replace " " by "▁" alone', (file) => file.normalizer = null],
  [
    'it does not replace " " by "▁" alone',
    (file) => file.normalizer = { type: "Sequence", normalizers: [{ type: "Prepend", prepend: "▁" }] },
  ],
  [
    "it splits texts at more than spaces",
    (file) =>
      file.pre_tokenizer = { type: "Split", pattern: { String: "a" }, behavior: "Isolated", invert: false },
  ],
  ["it does not fall back to bytes", (file) => file.model.byte_fallback = false],
  ['its token "\\ud83d" is not Unicode', (file) => file.model.vocab["\ud83d"] = 274],
];

for (const [problem, change] of refused) {
  Deno.test(`refuses a tokenizer where ${problem}`, () => {
    const file = smallTokenizer();
    change(file);
    throwsWith(
      () => written(file, 275),
      DataError,
      `Cannot write the tokenizer of ${path} as GGUF: ${problem}; give that of a Gemma model`,
    );
  });
}
