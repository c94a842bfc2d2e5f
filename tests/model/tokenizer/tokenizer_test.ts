import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { DataError } from "../../../engine/mod.ts";
import { createTokenizer, loadTokenizer } from "../../../model/tokenizer/mod.ts";
import { inTemporaryDirectory } from "../../support/temporary.ts";
import { smallTokenizer } from "../../support/tokenizer.ts";

const small = createTokenizer(smallTokenizer(), {}, { path: "tokenizer.json" });

Deno.test("encodes with BOS by the post-processor, without it on request", () => {
  assert.deepEqual([...small.encode("hello he")], [2, 269, 262, 270, 271]);
  assert.deepEqual([...small.encode("hello he", { special: false })], [269, 262, 270, 271]);
  assert.deepEqual([...small.encode("")], [2]);
});

Deno.test("spells pieces as the vocabulary does", () => {
  assert.deepEqual(small.pieces([2, 269, 271]), ["<bos>", "he", "▁he"]);
});

Deno.test("decodes with or without special tokens", () => {
  assert.equal(small.decode([2, 269, 262, 270, 271]), "<bos>hello he");
  assert.equal(small.decode([2, 269, 262, 270, 271], { skipSpecial: true }), "hello he");
  assert.equal(small.decode([]), "");
  assert.equal(small.decode([2], { skipSpecial: true }), "");
});

Deno.test("knows its special ids and its size", () => {
  assert.deepEqual([small.bosId, small.eosId, small.padId, small.vocabSize], [2, 1, 0, 272]);
  const named = createTokenizer(smallTokenizer(), {
    bos_token: { content: "<eos>" },
    pad_token: "<unk>",
    eos_token: "x",
  }, {
    path: "tokenizer.json",
  });
  assert.deepEqual([named.bosId, named.eosId, named.padId], [1, undefined, 3]);
});

Deno.test("any text comes back, byte by byte where letters are unknown", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const plain = text.replaceAll("▁", "_");
      if ([...smallTokenizer().added_tokens].some(({ content }) => plain.includes(content))) return;
      if (!plain.isWellFormed()) return;
      assert.equal(small.decode(small.encode(plain), { skipSpecial: true }), plain);
    }),
    { seed: 1, numRuns: 200 },
  );
});

Deno.test("refuses ids without a row in the model", () => {
  const cut = createTokenizer(smallTokenizer(), {}, { path: "tokenizer.json", vocabSize: 271 });
  assert.deepEqual([...cut.encode("hello")], [2, 269, 262, 270]);
  throwsData(
    () => cut.encode(" he"),
    'Cannot encode "▁he": its id 271 has no row in the model\'s vocabulary of 271; remove it from the text',
  );
  const unknown = "Unknown token id 271: the vocabulary of tokenizer.json has 271 ids; give ids from it";
  throwsData(() => cut.decode([271]), unknown);
  throwsData(() => cut.pieces([271]), unknown);
});

Deno.test("refuses text it has no token for", () => {
  const file = smallTokenizer();
  file.model.byte_fallback = false;
  delete file.model.vocab["<unk>"];
  file.added_tokens.pop();
  const tokenizer = createTokenizer(file, {}, { path: "tokenizer.json" });
  throwsData(
    () => tokenizer.encode("é"),
    "Cannot encode the text: tokenizer.json has no token for some of its characters; remove them",
  );
});

Deno.test("loads from a directory", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "tokenizer.json");
    await rejectsData(
      loadTokenizer(directory),
      `Cannot load a tokenizer from ${directory}: it has no tokenizer.json; give a directory that has one with --tokenizer`,
    );
    await Deno.writeTextFile(path, JSON.stringify(smallTokenizer()));
    assert.deepEqual([...(await loadTokenizer(directory)).encode("he")], [2, 269]);
    const configPath = join(directory, "tokenizer_config.json");
    await Deno.writeTextFile(configPath, `{"eos_token": "<unk>"}`);
    assert.equal((await loadTokenizer(directory, 272)).eosId, 3);
    await Deno.writeTextFile(configPath, "[]");
    await rejectsData(
      loadTokenizer(directory),
      `Cannot use ${configPath}: it is not a JSON object; restore it or remove it`,
    );
  }));

function throwsData(action: () => unknown, message: string) {
  assert.throws(action, (error: Error) => {
    assert.ok(error instanceof DataError, error.stack);
    assert.equal(error.message, message);
    return true;
  });
}

async function rejectsData(promise: Promise<unknown>, message: string) {
  await assert.rejects(promise, (error: Error) => {
    assert.ok(error instanceof DataError, error.stack);
    assert.equal(error.message, message);
    return true;
  });
}
