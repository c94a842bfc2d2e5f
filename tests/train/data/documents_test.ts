import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { DataError } from "../../../engine/mod.ts";
import { parquetDocuments, parseJsonLines, parseText, readDocuments } from "../../../train/data/mod.ts";
import { rejectsWith } from "../../support/errors.ts";
import { memorySource, parquetOf } from "../../support/parquet.ts";
import { inTemporaryDirectory } from "../../support/temporary.ts";

Deno.test("text: blocks between blank lines, Windows line ends, no line end at the end", () => {
  const contents = (text: string) => parseText(text, "a.txt").map(({ content }) => content);
  assert.deepEqual(contents("a\r\nb\r\n\r\nc"), ["a\nb", "c"]);
  assert.deepEqual(contents("\n\n  a \n\t\n\n b\n  c\n\n"), ["a", "b\n  c"]);
  assert.deepEqual(contents(" \n"), []);
});

Deno.test("JSON lines: text, ids, both; other fields and blank lines are ignored", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "rows.jsonl");
    await Deno.writeTextFile(
      path,
      '{"text": "a", "n": 1}\n\n{"input_ids": [2, 5]}\r\n{"text": "b", "input_ids": [7]}',
    );
    assert.deepEqual(await readDocuments(path), [
      { content: "a", path, line: 1 },
      { content: [2, 5], path, line: 3 },
      { content: [7], path, line: 4 },
    ]);
  }));

Deno.test("Parquet: the column text, and a row that has none", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "rows.parquet"), texts = ["a", "", "c d"];
    await Deno.writeFile(path, parquetOf(texts.map((text, id) => ({ id, text })), 2));
    const unit = "row";
    assert.deepEqual(await readDocuments(path), [
      { content: "a", path, line: 1, unit },
      { content: "", path, line: 2, unit },
      { content: "c d", path, line: 3, unit },
    ]);
    assert.equal((await readDocuments(path, 2)).length, 2);
    for (
      const [rows, problem] of [
        [[{ text: "a" }, { text: null }], 'has in column "text" a value that is not text; give a string'],
        [[{ text: 5 }], 'has in column "text" a value that is not text; give a string'],
      ] as const
    ) {
      await rejectsWith(
        parquetDocuments(memorySource(parquetOf(rows))),
        DataError,
        `Cannot read table.parquet: row ${rows.length} ${problem}`,
      );
    }
    await Deno.writeFile(path, parquetOf([{ prompt: "a" }]));
    await rejectsWith(
      readDocuments(path),
      DataError,
      `Cannot read ${path}: it has no column "text", only prompt; give a file that has it`,
    );
  }));

const bad: [line: string, problem: string][] = [
  ["{text}", "is not JSON; write one object on each line"],
  ["[1]", 'is not an object; write {"text": "..."} or {"input_ids": [...]}'],
  ["null", 'is not an object; write {"text": "..."} or {"input_ids": [...]}'],
  ["{}", 'has no "text" or "input_ids" field; give one of them on each line'],
  ['{"__proto__": {"text": "a"}}', 'has no "text" or "input_ids" field; give one of them on each line'],
  ['{"text": 5}', 'has a "text" that is not a string; give a string'],
  ['{"text": ""}', 'has an empty "text"; remove the line or give its text'],
  ['{"input_ids": []}', 'has "input_ids" that are not a list of ids; give at least one'],
  ['{"input_ids": "2"}', 'has "input_ids" that are not a list of ids; give at least one'],
  ['{"input_ids": [2, -1]}', "has the id -1; ids are whole numbers from 0"],
  ['{"input_ids": [1.5]}', "has the id 1.5; ids are whole numbers from 0"],
  ['{"input_ids": ["7"]}', 'has the id "7"; ids are whole numbers from 0'],
  ['{"input_ids": [4294967296]}', "has the id 4294967296; ids are whole numbers from 0"],
  ['{"input_ids": [null]}', "has the id null; ids are whole numbers from 0"],
];

for (const [line, problem] of bad) {
  Deno.test(`refuses the line ${line}`, () =>
    inTemporaryDirectory(async (directory) => {
      const path = join(directory, "rows.jsonl");
      await Deno.writeTextFile(path, `{"text": "fine"}\n${line}\n`);
      await rejectsWith(readDocuments(path), DataError, `Cannot read ${path}: line 2 ${problem}`);
    }));
}

Deno.test("refuses files that are missing, empty, of another kind or not UTF-8", () =>
  inTemporaryDirectory(async (directory) => {
    const path = (name: string) => join(directory, name);
    await Deno.writeTextFile(path("empty.txt"), "");
    await Deno.writeTextFile(path("blank.jsonl"), "\n\n");
    await Deno.writeFile(path("latin.txt"), Uint8Array.of(0x61, 0x0a, 0xe9, 0x0a));
    const refuses = (name: string, problem: string) =>
      rejectsWith(readDocuments(path(name)), DataError, `Cannot read ${path(name)}: ${problem}`);
    await refuses("none.txt", "it does not exist; check the path");
    await refuses("empty.txt", "it has no document; give a file with text");
    await refuses("blank.jsonl", "it has no document; give a file with text");
    await refuses("latin.txt", "line 2 is not UTF-8; save the file as UTF-8");
    await refuses(
      "rows.csv",
      'its name ends neither in .txt (one document a blank-line block) nor in .jsonl ("text" or "input_ids" on each line) nor in .parquet (a column "text"); convert or rename it',
    );
  }));

Deno.test("any text is either documents that hold something or an error with its line", () => {
  const line = fc.oneof(
    fc.string(),
    fc.json(),
    fc.record({ text: fc.oneof(fc.string(), fc.jsonValue()), input_ids: fc.option(fc.jsonValue()) }).map((
      row,
    ) => JSON.stringify(row)),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const text = lines.join("\n");
      assert.ok(parseText(text, "a").every(({ content }) => content.length > 0));
      try {
        assert.ok(parseJsonLines(text, "a").every(({ content }) => content.length > 0));
      } catch (error) {
        assert.ok(error instanceof DataError && error.line! <= text.split("\n").length, String(error));
      }
    }),
    { seed: 5, numRuns: 500 },
  );
});
