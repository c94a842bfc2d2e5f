/** Tables by range: only what is asked for is read, and damage has a name. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DataError } from "../../../engine/mod.ts";
import { localSource, openParquet, type ParquetRow } from "../../../model/parquet/mod.ts";
import { rejectsWith } from "../../support/errors.ts";
import { memorySource, parquetOf } from "../../support/parquet.ts";
import { sharedPath } from "../../support/shared.ts";

/** Thirty thousand characters that do not compress to nothing. */
const filler = (seed: number) =>
  Array.from({ length: 5000 }, (_, i) => ((i + 1) * (seed + 7) * 2654435761 % 2 ** 32).toString(36)).join(
    " ",
  );
const ROWS = Array.from({ length: 25 }, (_, i) => ({
  prompt: filler(i),
  text: `text ${i}`,
  length: BigInt(i),
}));

async function rowsOf(source: Parameters<typeof openParquet>[0], options = {}): Promise<ParquetRow[]> {
  return (await Array.fromAsync((await openParquet(source)).groups(options))).flat();
}

Deno.test("rows, columns and 64-bit numbers come as they were written", async () => {
  const source = memorySource(parquetOf(ROWS, 10)), file = await openParquet(source);
  assert.deepEqual([file.rows, file.columns], [25, ["prompt", "text", "length"]]);
  assert.deepEqual(await rowsOf(source), ROWS.map((row) => ({ ...row, length: Number(row.length) })));
});

Deno.test("a limit reads the first row groups alone, a column nothing of the others", async () => {
  const bytes = parquetOf(ROWS, 10), source = memorySource(bytes);
  const texts = await rowsOf(source, { columns: ["text"], limit: 12 });
  assert.deepEqual(texts, ROWS.slice(0, 12).map(({ text }) => ({ text })));
  const [footer, ...columns] = source.asked;
  assert.equal(footer![1], bytes.length);
  assert.equal(columns.length, 2, "one request for each of two row groups");
  const read = source.asked.reduce((sum, [start, end]) => sum + end - start, 0);
  assert.ok(read < 2 ** 16 + 1000 && read < bytes.length / 4, `${read} of ${bytes.length} bytes`);
});

Deno.test("a reader that stops leaves the rest of the file alone", async () => {
  const source = memorySource(parquetOf(ROWS, 5)), file = await openParquet(source);
  for await (const rows of file.groups({ columns: ["text"] })) {
    assert.equal(rows.length, 5);
    break;
  }
  assert.equal(source.asked.length, 2);
});

Deno.test("a file on this machine is a source like any other", async () => {
  const path = sharedPath("data/parquet/hyparquet/strings.parquet");
  if (path === undefined) return console.log("skipped: no ../shared/data/parquet");
  const source = await localSource(path);
  const expected = JSON.parse(await Deno.readTextFile(path.replace(/parquet$/, "json")));
  assert.deepEqual((await rowsOf(source)).map((row) => Object.values(row)), expected);
  source.close();
});

Deno.test("files of other writers, codecs and page versions", async () => {
  const directory = sharedPath("data/parquet");
  if (directory === undefined) return console.log("skipped: no ../shared/data/parquet");
  const counts: Record<string, number> = {};
  for (const folder of ["data", "hyparquet"]) {
    for await (const { name } of Deno.readDir(join(directory, folder))) {
      if (!name.endsWith(".parquet")) continue;
      const source = await localSource(join(directory, folder, name));
      counts[name] = (await rowsOf(source)).length;
      source.close();
    }
  }
  assert.deepEqual(counts, EXPECTED_ROWS);
});

const EXPECTED_ROWS = {
  "alltypes_dictionary.parquet": 2,
  "alltypes_plain.parquet": 8,
  "alltypes_plain.snappy.parquet": 2,
  "binary.parquet": 12,
  "datapage_v1-uncompressed-checksum.parquet": 5120,
  "datapage_v2.snappy.parquet": 5,
  "nullable.impala.parquet": 7,
  "plain-dict-uncompressed-checksum.parquet": 1000,
  "rle-dict-snappy-checksum.parquet": 1000,
  "brotli_compressed.parquet": 4,
  "strings.parquet": 4,
};

Deno.test("malformed files of the format's own collection: an error that names file and column", async () => {
  const directory = sharedPath("data/parquet/bad_data");
  if (directory === undefined) return console.log("skipped: no ../shared/data/parquet");
  const messages: Record<string, string> = {};
  for await (const { name } of Deno.readDir(directory)) {
    if (!name.endsWith(".parquet")) continue;
    const path = join(directory, name), source = await localSource(path);
    const error: unknown = await rowsOf(source).then((rows) => rows, (error) => error);
    assert.ok(error instanceof DataError, `${name}: ${error}`);
    assert.equal(error.path, path);
    messages[name] = error.message.slice(`Cannot read ${path}: `.length).replace(/\(.*\)/, "(...)");
    source.close();
  }
  assert.deepEqual(messages, {
    "ARROW-GH-45185.parquet": 'the column "x" of rows 1 to 5 is not sound (...); fetch it again',
    "ARROW-RS-GH-6229-DICTHEADER.parquet":
      'the column "name" of rows 1 to 25 is not sound (...); fetch it again',
    "PARQUET-1481.parquet": "it is no sound Parquet file (...); fetch it again",
  });
});

Deno.test("a column that is not there, a file that is none", async () => {
  await rejectsWith(
    rowsOf(memorySource(parquetOf(ROWS)), { columns: ["texts"] }),
    DataError,
    'Cannot read table.parquet: it has no column "texts", only prompt, text, length; give a file that has it',
  );
  for (const bytes of [new Uint8Array(0), new TextEncoder().encode("<html>not found</html>")]) {
    await assert.rejects(
      openParquet(memorySource(bytes)),
      /^DataError: Cannot read table.parquet: it is no sound Parquet file \(.*\); fetch it again$/,
    );
  }
});

Deno.test("mutated footers: rows or an error of our own, soon", async () => {
  const original = parquetOf(ROWS.map(({ text, length }) => ({ text, length })), 10);
  const footer = new DataView(original.buffer).getUint32(original.length - 8, true) + 8;
  let state = 7, refused = 0, longest = 0;
  const random = (below: number) => (state = (state * 1103515245 + 12345) % 2 ** 31) % below;
  for (let round = 0; round < 3000; round++) {
    const bytes = original.slice();
    for (let i = 0; i <= round % 3; i++) bytes[bytes.length - 1 - random(footer)] = random(256);
    const started = performance.now();
    const rows = await rowsOf(memorySource(bytes)).catch((error: unknown) => {
      assert.ok(error instanceof DataError, `round ${round}: ${error}`);
      refused++;
      return [];
    });
    longest = Math.max(longest, performance.now() - started);
    assert.ok(rows.length <= 25);
  }
  assert.ok(refused > 500, `${refused}`);
  assert.ok(longest < 5000, `${longest} ms`);
});
