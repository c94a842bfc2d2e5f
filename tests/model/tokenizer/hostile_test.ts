import assert from "node:assert/strict";
import fc from "fast-check";
import { DataError } from "../../../engine/mod.ts";
import { createTokenizer } from "../../../model/tokenizer/mod.ts";
import { smallTokenizer, type TokenizerJson } from "../../support/tokenizer.ts";

// deno-lint-ignore no-explicit-any -- malformed on purpose
type Anything = any;

const attacks: [problem: string, change: (file: Anything) => unknown][] = [
  ['it has no "model" object', (f) => delete f.model],
  ['its model is "Unigram", not "BPE"', (f) => f.model.type = "Unigram"],
  ['its model is missing, not "BPE"', (f) => delete f.model.type],
  ["its normalizer is not an object", (f) => f.normalizer = "Replace"],
  [
    'its normalizer is of the kind "BertNormalizer", not one of Sequence, Replace, Prepend',
    (f) => f.normalizer = { type: "BertNormalizer" },
  ],
  [
    'its pre_tokenizer is of the kind "toString", not one of Sequence, Split',
    (f) => f.pre_tokenizer = { type: "toString" },
  ],
  ['its pre_tokenizer "Split" has no string pattern', (f) => f.pre_tokenizer.pattern = { Regex: "(a+)+$" }],
  ['its normalizer "Replace" has no string pattern', (f) => f.normalizer.pattern = { String: "" }],
  ['its normalizer "Replace" has no string "content"', (f) => delete f.normalizer.content],
  ['its normalizer "Prepend" has no string "prepend"', (f) => f.normalizer = { type: "Prepend" }],
  ['its decoder has no list "decoders"', (f) => f.decoder = { type: "Sequence" }],
  ["its decoder is not an object", (f) => f.decoder.decoders = [7]],
  ['its decoder has no list "decoders"', (f) => f.decoder = nested(f.decoder, 9)],
  ['its pre_tokenizer "Split" has no string "behavior"', (f) => f.pre_tokenizer.behavior = 7],
  [
    'its decoder "Strip" has no number "start"',
    (f) => f.decoder.decoders = [{ type: "Strip", content: " " }],
  ],
  ['its model\'s "byte_fallback" is "yes", not a boolean', (f) => f.model.byte_fallback = "yes"],
  ["its added_tokens are not a list", (f) => f.added_tokens = {}],
  ["an added token has no content", (f) => f.added_tokens[1].content = ""],
  ["an added token has no content", (f) => f.added_tokens[1] = null],
  ['token "<eos>" has two ids, 1 and 7', (f) => f.added_tokens[1].id = 7],
  ['tokens "<eos>" and "<new>" share the id 1', (f) => f.added_tokens.push({ id: 1, content: "<new>" })],
  [
    'token "<new>" has the id 4000000000, not a whole number from 0 to 4194303',
    (f) => f.added_tokens.push({ id: 4e9, content: "<new>" }),
  ],
  ['its model has no "vocab" object', (f) => f.model.vocab = ["a"]],
  ['token "h" has the id -1, not a whole number from 0 to 4194303', (f) => f.model.vocab.h = -1],
  ['token "h" has the id "7", not a whole number from 0 to 4194303', (f) => f.model.vocab.h = "7"],
  ['token "h" has the id 1.5, not a whole number from 0 to 4194303', (f) => f.model.vocab.h = 1.5],
  ['tokens "<0x00>" and "h" share the id 4', (f) => f.model.vocab.h = 4],
  ['its model has no "merges" list', (f) => delete f.model.merges],
  ["merge 0 is not a pair of tokens", (f) => f.model.merges[0] = ["h"]],
  ["merge 1 is not a pair of tokens", (f) => f.model.merges[1] = "l o l"],
  ["merge 2 is not a pair of tokens", (f) => f.model.merges[2] = 5],
  ['merge 3 needs "hh", which is not in the vocabulary', (f) => f.model.merges.push("h h")],
  [
    'merge 3 needs "constructor", which is not in the vocabulary',
    (f) => f.model.merges.push(["constructor", "h"]),
  ],
  ['its post_processor has no "single" list', (f) => delete f.post_processor.single],
  [
    'its post_processor adds "<cls>", which is not in the vocabulary',
    (f) => f.post_processor.single[0].SpecialToken.id = "<cls>",
  ],
  [
    'its post_processor has an item without "Sequence" or "SpecialToken"',
    (f) => f.post_processor.single[0] = {},
  ],
  ["its post_processor has an item that is not an object", (f) => f.post_processor.single[0] = 3],
  ["its post_processor puts the text in 0 times", (f) => f.post_processor.single.pop()],
  ["its post_processor puts the text in 2 times", (f) => f.post_processor.single.push({ Sequence: {} })],
  ["its post_processor has 20 items", (f) => f.post_processor.single = Array(20).fill({ Sequence: {} })],
  [
    'its pre_tokenizer "Split" is not one that leaves the pattern to what stands before it',
    (f) => f.pre_tokenizer.behavior = "Isolated",
  ],
  ['its model has "ignore_merges"', (f) => f.model.ignore_merges = true],
  ['its model has "end_of_word_suffix"', (f) => f.model.end_of_word_suffix = "</w>"],
  ['token "<eos>" has the flag "lstrip"', (f) => f.added_tokens[1].lstrip = true],
  ['token "<eos>" has a flag that is neither true nor false', (f) => f.added_tokens[1].normalized = "no"],
  [
    "its normalizer has 16 steps that make a text up to 6.55e+4 times longer",
    (f) =>
      f.normalizer = { type: "Sequence", normalizers: Array(16).fill({ ...f.normalizer, content: "aa" }) },
  ],
  [
    "its decoder has 17 steps that make a text up to 1.00 times longer",
    (f) => f.decoder.decoders = Array(17).fill({ type: "Fuse" }),
  ],
];

for (const [problem, change] of attacks) {
  Deno.test(`refuses a tokenizer.json: ${problem}`, () => {
    const file: Anything = smallTokenizer();
    change(file);
    assert.throws(() => createTokenizer(file, {}, { path: "t.json" }), (error: Error) => {
      assert.ok(error instanceof DataError, error.stack);
      assert.equal(error.message, `Cannot use t.json: ${problem}; give the tokenizer.json of a Gemma model`);
      return true;
    });
  });
}

Deno.test("refuses a tokenizer.json that is no object", () => {
  for (const content of [null, [], "x", 3]) {
    assert.throws(() => createTokenizer(content, {}, { path: "t.json" }), {
      name: "DataError",
      message: "Cannot use t.json: it is not a JSON object; give the tokenizer.json of a Gemma model",
    });
  }
});

Deno.test("a vocabulary may hold tokens named like properties of objects", () => {
  const file = smallTokenizer();
  file.added_tokens.push({ id: 272, content: "constructor", special: false, normalized: false });
  const tokenizer = createTokenizer(JSON.parse(JSON.stringify(file)), {}, { path: "t.json" });
  assert.deepEqual([...tokenizer.encode("constructor")], [2, 272]);
});

Deno.test("a mutated tokenizer.json is refused with a DataError or works; it never crashes", () => {
  const paths = leaves(smallTokenizer()).filter((path) => path[1] !== "vocab" || Number(path[2]) % 20 === 0);
  const values = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom("__proto__", "", -1, 2 ** 53, null));
  let refused = 0;
  fc.assert(
    fc.property(fc.constantFrom(...paths), values, (path, value) => {
      const file: Anything = smallTokenizer();
      let place = file;
      for (const part of path.slice(0, -1)) place = place[part];
      place[path.at(-1)!] = value;
      try {
        const tokenizer = createTokenizer(file, {}, { path: "t.json" });
        tokenizer.decode(tokenizer.encode("hello wörld"));
      } catch (error) {
        assert.ok(error instanceof DataError, (error as Error).stack);
        refused++;
      }
    }),
    { seed: 3, numRuns: 2000 },
  );
  assert.ok(refused > 100);
});

/** Paths of every value inside `value`. */
function leaves(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [path];
  const inner = Object.entries(value as TokenizerJson).flatMap(([key, item]) => leaves(item, [...path, key]));
  return path.length === 0 ? inner : [path, ...inner];
}

function nested(decoder: unknown, depth: number): unknown {
  return depth === 0 ? decoder : { type: "Sequence", decoders: [nested(decoder, depth - 1)] };
}
