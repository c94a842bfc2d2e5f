import assert from "node:assert/strict";
import { DataError } from "../../../engine/mod.ts";
import type { GgufMetadata, GgufValue } from "../../../model/gguf/mod.ts";
import { createTokenizer, tokenizerFromGguf, tokenizerOf } from "../../../model/tokenizer/mod.ts";
import { tinyModel } from "../../support/tiny_weights.ts";
import { throwsWith } from "../../support/errors.ts";
import { smallTokenizer } from "../../support/tokenizer.ts";

/** The small tokenizer and runs of two and three spaces, as GGUF keeps them. */
function smallMetadata(): Map<string, GgufValue> {
  const tokens = [...Object.keys(smallTokenizer().model.vocab), "<unused0>", "  ", "   "];
  const types = tokens.map((token, id) =>
    id < 4 || token === "<unused0>" ? 3 : token.startsWith("  ") ? 4 : id < 260 ? 6 : 1
  );
  return new Map<string, GgufValue>([
    ["tokenizer.ggml.model", "llama"],
    ["tokenizer.ggml.tokens", tokens],
    ["tokenizer.ggml.scores", Float32Array.from(types, (type, id) => type === 1 ? -id : -1000)],
    ["tokenizer.ggml.token_type", Int32Array.from(types)],
    ["tokenizer.ggml.bos_token_id", 2],
    ["tokenizer.ggml.eos_token_id", 1],
    ["tokenizer.ggml.padding_token_id", 0],
    ["tokenizer.ggml.unknown_token_id", 3],
    ["tokenizer.ggml.add_bos_token", true],
  ]);
}

Deno.test("GGUF: the same ids and texts as the tokenizer.json it came from", () => {
  const original = createTokenizer(smallTokenizer(), {}, { path: "tokenizer.json" });
  const restored = tokenizerFromGguf(smallMetadata(), "m.gguf");
  for (const text of ["hello he", "", "lolo he!", "é", "<eos>hello"]) {
    assert.deepEqual(restored.encode(text), original.encode(text), text);
    assert.equal(restored.decode(restored.encode(text)), original.decode(original.encode(text)));
  }
  assert.deepEqual([restored.bosId, restored.eosId, restored.padId, restored.vocabSize], [2, 1, 0, 275]);
});

Deno.test("GGUF: runs of spaces are one token, spare tokens are shown", () => {
  const tokenizer = tokenizerFromGguf(smallMetadata(), "m.gguf");
  assert.deepEqual([...tokenizer.encode("h   e  e")], [2, 260, 274, 261, 273, 261]);
  assert.equal(tokenizer.decode([2, 260, 274, 272], { skipSpecial: true }), "h   <unused0>");
});

Deno.test("GGUF: BOS only where the file says so", () => {
  const metadata = smallMetadata().set("tokenizer.ggml.add_bos_token", false);
  assert.deepEqual([...tokenizerFromGguf(metadata, "m.gguf").encode("h")], [260]);
});

const refused: [problem: string, key: string, value: GgufValue | undefined][] = [
  ["there is none", "model", undefined],
  ["it is of the kind gpt2", "model", "gpt2"],
  ["it has no list of tokens, scores or types", "tokens", undefined],
  ["it has no list of tokens, scores or types", "scores", Int32Array.of(1)],
  ["its tokens, scores and types differ in number", "token_type", Int32Array.of(1)],
  ["it has a token of 257 characters", "tokens", smallTokens((tokens) => tokens.with(270, "a".repeat(257)))],
];

for (const [problem, key, value] of refused) {
  Deno.test(`GGUF: refuses a tokenizer where ${problem} (${key})`, () => {
    const metadata = smallMetadata();
    if (value === undefined) metadata.delete(`tokenizer.ggml.${key}`);
    else metadata.set(`tokenizer.ggml.${key}`, value);
    throwsWith(
      () => tokenizerFromGguf(metadata, "m.gguf"),
      DataError,
      `Cannot use the tokenizer of m.gguf: ${problem}; name a directory with --tokenizer`,
    );
  });
}

Deno.test("the tokenizer of a model: its directory, else its GGUF metadata, else none", async () => {
  const { config } = tinyModel(2, { vocab_size: 275 });
  const model = (metadata: GgufMetadata | undefined) => ({
    path: "m",
    tokenizerDir: undefined,
    metadata,
    config,
  });
  assert.equal((await tokenizerOf(model(smallMetadata())))?.vocabSize, 275);
  assert.equal(await tokenizerOf(model(new Map())), undefined);
  assert.equal(await tokenizerOf(model(undefined)), undefined);
});

function smallTokens(change: (tokens: string[]) => string[]): string[] {
  return change(smallMetadata().get("tokenizer.ggml.tokens") as string[]);
}
