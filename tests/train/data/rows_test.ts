import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { DataError } from "../../../engine/mod.ts";
import { createTokenizer } from "../../../model/tokenizer/mod.ts";
import { loadRows, makeRows, packRows } from "../../../train/data/mod.ts";
import { rejectsWith } from "../../support/errors.ts";
import { inTemporaryDirectory } from "../../support/temporary.ts";
import { smallTokenizer } from "../../support/tokenizer.ts";

const tokenizer = createTokenizer(smallTokenizer(), {}, { path: "tokenizer.json" });
const text = { content: "hello he", path: "a.txt", line: 4 };
const ids = { content: [2, 7, 8, 9], path: "b.jsonl", line: 3 };
const all = { vocabSize: 272, maxLength: 10 };

Deno.test("text is tokenised with BOS, ids are taken as they are, both cut to length", async () => {
  const lists = async (...args: Parameters<typeof makeRows>) =>
    (await makeRows(...args)).map((row) => [...row]);
  assert.deepEqual(await lists([text, ids], tokenizer, all), [[2, 269, 262, 270, 271], [2, 7, 8, 9]]);
  assert.deepEqual(await lists([ids, text], tokenizer, { ...all, maxLength: 2 }), [[2, 7], [2, 269]]);
  assert.deepEqual(await lists([text, ids], tokenizer, { ...all, limit: 1 }), [[2, 269, 262, 270, 271]]);
  assert.deepEqual(await lists([ids], undefined, all), [[2, 7, 8, 9]]);
});

Deno.test("tells how many texts are tokenised, and stops when asked to", async () => {
  const told: [number, number][] = [];
  await makeRows([text, ids, text], tokenizer, { ...all, onProgress: (...now) => told.push(now) });
  assert.deepEqual(told, [[1, 2], [2, 2]]);
  await assert.rejects(
    makeRows([text], tokenizer, { ...all, signal: AbortSignal.abort("stop") }),
    (e) => e === "stop",
  );
});

Deno.test("files follow one another", () =>
  inTemporaryDirectory(async (directory) => {
    const [a, b] = [join(directory, "a.txt"), join(directory, "b.jsonl")];
    await Deno.writeTextFile(a, "he\n\nhe he");
    await Deno.writeTextFile(b, '{"input_ids": [2, 1]}');
    const rows = await loadRows([a, b], tokenizer, { ...all, limit: null });
    assert.deepEqual(rows.map((row) => [...row]), [[2, 269], [2, 269, 271], [2, 1]]);
    await Deno.writeTextFile(b, '{"input_ids": [2, 272]}');
    await rejectsWith(
      loadRows([b], undefined, all),
      DataError,
      `Cannot use ${b}: line 1 has the id 272, outside the model's vocabulary of 272; tokenise the file with this model's tokenizer`,
    );
  }));

Deno.test("refuses text without a tokenizer, with one of another model, and text that is not Unicode", async () => {
  await rejectsWith(
    makeRows([text], undefined, all),
    DataError,
    'Cannot use a.txt: line 4 is text, but the model has no tokenizer; name one with --tokenizer or give "input_ids"',
  );
  await rejectsWith(
    makeRows([text], tokenizer, { ...all, vocabSize: 270 }),
    DataError,
    "Cannot use a.txt: line 4 has the id 270 once tokenised, outside the model's vocabulary of 270; give the model's own tokenizer",
  );
  await rejectsWith(
    makeRows([text, { ...text, content: "he \udc00", line: 5 }], tokenizer, all),
    DataError,
    "Cannot use a.txt: line 5 has a text without ids: Cannot encode the text: \\udc00 at character 3 is half of a pair; " +
      "remove it or give the whole",
  );
});

Deno.test("packing keeps every token in order and fills every row but the last", () => {
  const row = fc.array(fc.nat(99), { minLength: 1, maxLength: 9 }).map((list) => Uint32Array.from(list));
  fc.assert(
    fc.property(fc.array(row), fc.integer({ min: 1, max: 12 }), (rows, length) => {
      const packed = packRows(rows, length);
      assert.deepEqual(packed.flatMap((r) => [...r]), rows.flatMap((r) => [...r]));
      assert.ok(packed.slice(0, -1).every((r) => r.length === length));
      assert.ok(packed.every((r) => r.length > 0));
    }),
    { seed: 1 },
  );
});
