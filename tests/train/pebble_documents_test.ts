import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createTokenizer, type Tokenizer } from "../../model/tokenizer/mod.ts";
import {
  cacheWords,
  pebbleDocuments,
  pebbleSplit,
  type PebbleSplitName,
  type PebbleSubset,
  TOKEN_SHARES,
} from "../../train/data/pebble/mod.ts";

const SPLITS: PebbleSplitName[] = ["pretrain", "heal", "validation"];
const take = (
  split: PebbleSplitName,
  count: number,
) => [...pebbleDocuments({ ...pebbleSplit(split), count })];

function loadTokenizer(): Tokenizer {
  const folder = new URL("../../train/data/pebble/files/", import.meta.url);
  const read = (name: string) => JSON.parse(readFileSync(new URL(name, folder), "utf8"));
  return createTokenizer(read("tokenizer.json"), read("tokenizer_config.json"), { path: "pebble" });
}

Deno.test("Pebble's documents are the same everywhere: hash of the first 200 of each split", () => {
  const hashes = SPLITS.map((split) => {
    const text = take(split, 200).map(({ subset, text }) => `${subset}\n${text}\n`).join("\n");
    return [split, createHash("sha256").update(text).digest("hex").slice(0, 16)];
  });
  assert.deepEqual(Object.fromEntries(hashes), {
    pretrain: "01d1ca399577e146",
    heal: "9b5710dbad0a970d",
    validation: "1f723e7f288f7381",
  });
});

Deno.test("A stream is a beginning of a longer one, and of one subset where asked", () => {
  const options = { ...pebbleSplit("heal"), subset: "wikihow" } as const;
  const short = [...pebbleDocuments({ ...options, count: 10 })];
  assert.deepEqual([...pebbleDocuments({ ...options, count: 30 })].slice(0, 10), short);
  assert.ok(short.every(({ subset }) => subset === "wikihow"));
});

Deno.test("No document is in two splits, and few are written twice in one", () => {
  const [pretrain, heal, validation] = SPLITS.map((split) => take(split, 3000).map(({ text }) => text));
  const seen = new Set(pretrain);
  assert.ok(seen.size > 0.995 * 3000, `${seen.size}`);
  for (const text of [...heal!, ...validation!]) assert.ok(!seen.has(text), text);
  const healed = new Set(heal);
  for (const text of validation!) assert.ok(!healed.has(text), text);
  for (const split of SPLITS) {
    const others = SPLITS.filter((name) => name !== split);
    for (const { text } of take(split, 200)) {
      assert.ok(others.every((name) => !pebbleSplit(name).accepts(text)), text);
    }
  }
});

Deno.test("Documents read as English: articles, capitals, periods, single spaces", () => {
  for (const { text } of take("pretrain", 4000)) {
    assert.doesNotMatch(text, / {2}|\n\n|^\s|\s$|\{|\}|undefined/);
    assert.doesNotMatch(text, /\b[Aa] [aeiou]|\b[Aa]n (?!hour\b)[^aeiou]/);
    assert.doesNotMatch(text, /\s[.,:?]|[.,:?]{2}/);
    for (const line of text.split("\n")) assert.match(line, /^[A-Z].*[.?]$/);
    for (const after of text.matchAll(/[.?] (.)/g)) assert.match(after[1]!, /[A-Z]/, text);
  }
});

Deno.test("Token shares of the subsets are the intended ones, documents have about 60 to 120 tokens", () => {
  const tokenizer = loadTokenizer();
  const encode = cacheWords((text) => [...tokenizer.encode(text, { special: false })]);
  const tokens: Record<PebbleSubset, number> = { stories: 0, wikihow: 0, openstax: 0, web_samples_v1: 0 };
  const lengths = take("pretrain", 6000).map(({ subset, text }) => {
    const length = encode(text).length + 2;
    tokens[subset] += length;
    return length;
  }).sort((a, b) => a - b);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  for (const [subset, share] of Object.entries(TOKEN_SHARES)) {
    assert.ok(
      Math.abs(tokens[subset as PebbleSubset] / total - share) < 0.015,
      `${subset} ${JSON.stringify(tokens)}`,
    );
  }
  assert.ok(lengths[600]! >= 55 && lengths[5400]! <= 125, `${lengths[600]} ${lengths[5400]}`);
});
