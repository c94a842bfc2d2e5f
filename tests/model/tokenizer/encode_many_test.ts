import assert from "node:assert/strict";
import { DataError, LapidaryError } from "../../../engine/mod.ts";
import { createTokenizer, encodeMany } from "../../../model/tokenizer/mod.ts";
import { rejectsWith } from "../../support/errors.ts";
import { gemmaTokenizer, withoutGemma } from "../../support/gemma_tokenizer.ts";
import { smallTokenizer } from "../../support/tokenizer.ts";
import { textOf } from "./recipe.ts";

const small = createTokenizer(smallTokenizer(), {}, { path: "tokenizer.json" });
const texts = Array.from({ length: 600 }, (_, i) => textOf(i).repeat(10).replaceAll(/<[a-z]+>/g, ""));

Deno.test("threads give the ids that one gives, and tell of each text once", async () => {
  const told: number[] = [];
  const ids = await encodeMany(small, texts, { threads: 3, onProgress: (done) => told.push(done) });
  assert.deepEqual(ids, texts.map((text) => small.encode(text)));
  assert.equal(told.at(-1), texts.length);
  assert.ok(told.length > 1 && told.every((done, i) => i === 0 || done > told[i - 1]!));
  assert.deepEqual(await encodeMany(small, [], { threads: 2 }), []);
});

Deno.test({
  name: `Gemma 3: threads give the ids that one gives${withoutGemma}`,
  ignore: withoutGemma !== "",
  async fn() {
    const gemma = await gemmaTokenizer();
    assert.deepEqual(await encodeMany(gemma, texts, { threads: 2 }), texts.map((text) => gemma.encode(text)));
  },
});

Deno.test("the first text without ids is the error, on threads as on one", async () => {
  const bad = texts.with(500, "a \ud800").with(550, "\udc00");
  for (const threads of [1, 2]) {
    await rejectsWith(
      encodeMany(small, bad, { threads }),
      DataError,
      "Cannot encode the text: \\ud800 at character 2 is half of a pair; remove it or give the whole",
    );
    await assert.rejects(
      encodeMany(small, bad, { threads, explain: (_, i) => new LapidaryError(`text ${i}`) }),
      { message: "text 500" },
    );
  }
});

Deno.test("a thread that fails is the error, and an abort ends the work", async () => {
  const broken = {
    ...small,
    tables: { ...small.tables, bpe: { ...small.tables.bpe, characters: undefined } },
  };
  await assert.rejects(
    encodeMany(broken as unknown as typeof small, texts, { threads: 2 }),
    (error: Error) =>
      error instanceof LapidaryError && error.message.startsWith("Cannot tokenise on 2 threads: "),
  );
  const stop = new AbortController();
  await assert.rejects(
    encodeMany(small, texts, { threads: 2, signal: stop.signal, onProgress: () => stop.abort("stop") }),
    (error) => error === "stop",
  );
});
