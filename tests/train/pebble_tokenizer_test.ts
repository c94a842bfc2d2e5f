import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createTokenizer } from "../../model/tokenizer/mod.ts";
import { RELATIONS } from "../../train/data/pebble/facts.ts";
import { cacheWords, packedRows, pebbleDocuments, pebbleSplit } from "../../train/data/pebble/mod.ts";
import { makeTokenizerFiles } from "../../train/data/pebble/tokenizer_files.ts";
import * as words from "../../train/data/pebble/words.ts";

const files = new URL("../../train/data/pebble/files/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, files), "utf8");
const tokenizerJson = JSON.parse(read("tokenizer.json"));
const tokenizer = createTokenizer(tokenizerJson, JSON.parse(read("tokenizer_config.json")), {
  path: "pebble",
});
const encode = (text: string) => [...tokenizer.encode(text, { special: false })];
const validation = () => pebbleDocuments({ ...pebbleSplit("validation"), count: 400 });

interface Golden {
  text: string;
  ids: number[];
  decoded: string;
}

Deno.test("Pebble's tokenizer: ids and decoded text equal the Python package's", () => {
  const golden: Golden[] = JSON.parse(
    readFileSync(new URL("../golden/data/pebble_tokenizer.json", import.meta.url), "utf8"),
  );
  assert.ok(golden.length > 300);
  for (const { text, ids, decoded } of golden) {
    assert.deepEqual(encode(text), ids, JSON.stringify(text));
    assert.deepEqual([...tokenizer.encode(text)], [2, ...ids], JSON.stringify(text));
    assert.equal(tokenizer.decode(ids), decoded, JSON.stringify(text));
  }
});

Deno.test("Pebble's tokenizer: the files are what the generator makes", () => {
  for (const [name, text] of Object.entries(makeTokenizerFiles())) assert.equal(read(name), text, name);
});

Deno.test("Pebble's tokenizer: 1,024 rows, Gemma's special ids, no merge across a word boundary", () => {
  const { vocab, merges } = tokenizerJson.model as { vocab: Record<string, number>; merges: string[][] };
  assert.deepEqual(Object.values(vocab), Array.from({ length: 1024 }, (_, id) => id));
  assert.deepEqual(Object.keys(vocab).slice(0, 6), ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "<0x00>"]);
  for (const [left, right] of merges) {
    assert.match(left! + right!, /^▁?\p{Letter}+$/u);
    assert.ok(left! + right! in vocab);
  }
});

Deno.test("Pebble's tokenizer: the world needs neither byte fallback nor unk, and what stories track is one token", () => {
  const everyWord = Object.values(words).flat(2).filter((word) => typeof word === "string");
  const forms = RELATIONS.flatMap((
    { statements, ask },
  ) => [...statements, ask?.question ?? "", ask?.answer ?? ""]);
  const procedures = words.PROCEDURES.flatMap(({ goal, steps }) => [goal, ...steps]);
  const plain = [...forms, ...procedures].map((form) => form.replace(/\{.*?\}/g, "x"));
  for (
    const text of [
      ...everyWord.map((word) => ` ${word}`),
      ...plain,
      ...[...validation()].map(({ text }) => text),
    ]
  ) {
    for (const id of encode(text)) assert.ok(id > 260 && id < 1024, `${id} in ${text}`);
  }
  for (const word of [...words.PEOPLE, ...words.PLACES, ...words.OBJECTS, ...words.COLORS, ...words.ITEMS]) {
    assert.equal(encode(` ${word}`).length, 1, word);
  }
});

Deno.test("The word cache gives the tokenizer's own ids", () => {
  const cached = cacheWords(encode);
  for (const { text } of validation()) assert.deepEqual(cached(text), encode(text));
  for (const text of ["", " ", "  a", "a  b ", "\n the", "😊 東京  x\n\n "]) {
    assert.deepEqual(cached(text), encode(text));
  }
});

Deno.test("Packed rows: documents between <bos> and <eos>, cut at the length, repeatable", () => {
  const options = { split: "heal", length: 129, count: 50, encode } as const;
  const rows = [...packedRows(options)];
  assert.equal(rows.length, 50);
  assert.deepEqual(rows, [...packedRows(options)]);
  assert.notDeepEqual(rows, [...packedRows({ ...options, seed: 77 })]);
  const documents = pebbleDocuments(pebbleSplit("heal"));
  for (const row of rows) {
    assert.equal(row.length, 129);
    const whole: number[] = [];
    while (whole.length < 129) whole.push(2, ...encode(documents.next().value.text), 1);
    assert.deepEqual([...row], whole.slice(0, 129));
  }
});
