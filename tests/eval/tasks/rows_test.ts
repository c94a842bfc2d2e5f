/** Rows from files, and every way they can be wrong. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DataError } from "../../../engine/mod.ts";
import { findTask, limitRows, readTaskRows } from "../../../eval/tasks/mod.ts";
import { rejectsWith } from "../../support/errors.ts";
import { goldenPath } from "../../support/command.ts";
import { OWN_ROWS } from "../../support/tasks.ts";
import { inTemporaryDirectory } from "../../support/temporary.ts";

const read = (task: string, directory: string) => readTaskRows(findTask(task), directory);

Deno.test("a Parquet file of the hub holds the same rows as JSON lines", async () => {
  await inTemporaryDirectory(async (directory) => {
    await Deno.copyFile(
      goldenPath("tiny_tasks_golden/arc_easy.parquet"),
      join(directory, "arc_easy.parquet"),
    );
    const parquet = await read("arc_easy", directory), lines = await read("arc_easy", OWN_ROWS);
    assert.equal(parquet.rows.length, 6);
    assert.deepEqual(
      parquet.rows.map(({ document, item }) => ({ document, item })),
      lines.rows.map(({ document, item }) => ({ document, item })),
    );
    assert.equal(JSON.stringify(parquet.rows[0]!.document), JSON.stringify(lines.rows[0]!.document));
  });
});

Deno.test("a limit takes the first rows, below 1 a share rounded up", async () => {
  const rows = await read("arc_easy", OWN_ROWS);
  const kept = [null, 1, 4, 100, 0.5, 0.01, 0.67].map((limit) => limitRows(rows, limit).rows.length);
  assert.deepEqual(kept, [6, 1, 4, 6, 3, 1, 5]);
  assert.equal(limitRows(rows, 1).original, 6);
  assert.equal(limitRows(rows, 1).rows[0], rows.rows[0]);
});

const arc = (columns: Record<string, unknown>) => ({
  question: "Why?",
  choices: { text: ["so", "because"], label: ["A", "B"] },
  answerKey: "A",
  ...columns,
});
const scene = { activity_label: "a", ctx_a: "b", ctx_b: "c", endings: ["d", "e", "f", "g"], label: "1" };
const gap = { sentence: "It is _ now", option1: "so", option2: "not", answer: "1" };
const goal = { goal: "a", sol1: "b", sol2: "c", label: 1 };

/** Task, second row of its file, and what is said of it. */
const BAD_ROWS: readonly [string, unknown, string][] = [
  ["arc_easy", [], "is not an object; write one with the columns of the dataset"],
  [
    "arc_easy",
    { query: "Why?", choices: ["so", "because"], gold: 1 },
    'has no column "question"; rows of arc_easy have question, choices, answerKey',
  ],
  [
    "arc_easy",
    arc({ choices: { text: ["so", "because"] } }),
    'has no column "choices.label"; rows of arc_easy have question, choices, answerKey',
  ],
  ["arc_easy", arc({ question: 7 }), 'has in column "question" a value that is not text; give a string'],
  [
    "arc_easy",
    arc({ choices: { text: ["so", ""], label: ["A", "B"] } }),
    'has in column "choices.text[1]" a value that is empty; give its text',
  ],
  [
    "arc_easy",
    arc({ choices: { text: ["so"], label: ["A"] } }),
    'has in column "choices.text" a value that has fewer than 2 choices; give all',
  ],
  [
    "arc_easy",
    arc({ choices: { text: ["so", "because"], label: ["A"] } }),
    'has in column "choices.label" a value that has another length than choices.text; give each choice a label',
  ],
  [
    "arc_easy",
    arc({ answerKey: "E" }),
    'has in column "answerKey" a value that is out of range; give one of choices.label',
  ],
  [
    "winogrande",
    { ...gap, answer: "" },
    'has in column "answer" a value that is out of range; give "1" or "2"',
  ],
  ["winogrande", { ...gap, option2: "" }, 'has in column "option2" a value that is empty; give its text'],
  [
    "winogrande",
    { ...gap, sentence: "It is now" },
    'has in column "sentence" a value that has no gap; mark it with _',
  ],
  [
    "winogrande",
    { ...gap, sentence: "It is _ " },
    'has in column "sentence" a value that ends at its gap; give the words behind it, which are scored',
  ],
  [
    "hellaswag",
    { ...scene, label: "" },
    'has in column "label" a value that is not a whole number; give the place of the right choice',
  ],
  [
    "hellaswag",
    { ...scene, label: 4 },
    'has in column "label" a value that is out of range; give a number from 0 to 3',
  ],
  [
    "hellaswag",
    { ...scene, endings: ["d", "e", "[step]", "g"] },
    'has in column "endings" a value that has an ending of nothing but marks; give its text',
  ],
  [
    "lambada_openai",
    { text: "Nothing after this " },
    'has in column "text" a value that ends without a word; take the space at its end away',
  ],
  [
    "lambada_openai",
    { text: "" },
    'has in column "text" a value that ends without a word; take the space at its end away',
  ],
  [
    "piqa",
    { ...goal, label: -1 },
    'has in column "label" a value that is out of range; give a number from 0 to 1',
  ],
  ["piqa", { ...goal, label: undefined }, 'has no column "label"; rows of piqa have goal, sol1, sol2, label'],
];
const GOOD = {
  arc_easy: arc({}),
  winogrande: gap,
  hellaswag: scene,
  lambada_openai: { text: "a b" },
  piqa: goal,
};

for (const [task, row, message] of BAD_ROWS) {
  Deno.test(`${task}: ${message}`, () =>
    inTemporaryDirectory(async (directory) => {
      const path = join(directory, `${task}.jsonl`);
      const good = JSON.stringify(GOOD[task as keyof typeof GOOD]);
      await Deno.writeTextFile(path, `${good}\n\n${JSON.stringify(row)}\n`);
      await rejectsWith(read(task, directory), DataError, `Cannot use ${path}: line 3 ${message}`);
    }));
}

Deno.test("files that cannot be used", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "piqa.jsonl"), other = join(directory, "piqa.parquet");
    const find = (had: string, cure: string) =>
      `Cannot find the rows of piqa: ${directory} has ${had}; ${cure}`;
    const save = "save the validation split of baber/piqa there, or name another directory with --task-data";
    await rejectsWith(read("piqa", directory), DataError, find("neither piqa.jsonl nor piqa.parquet", save));
    await Deno.writeTextFile(path, "\n");
    await rejectsWith(
      read("piqa", directory),
      DataError,
      `Cannot use ${path}: it has no row; give at least one`,
    );
    await Deno.writeTextFile(path, `${JSON.stringify(goal)}\n{"goal": `);
    const notJson = `Cannot use ${path}: line 2 is not JSON; write one object on each line`;
    await rejectsWith(read("piqa", directory), DataError, notJson);
    await Deno.writeFile(path, Uint8Array.of(0x7b, 0x0a, 0xff));
    const notUtf8 = `Cannot read ${path}: line 2 is not UTF-8; save the file as UTF-8`;
    await rejectsWith(read("piqa", directory), DataError, notUtf8);
    await Deno.copyFile(goldenPath("tiny_tasks_golden/arc_easy.parquet"), other);
    await rejectsWith(
      read("piqa", directory),
      DataError,
      find("both piqa.jsonl and piqa.parquet", "remove one"),
    );
    await Deno.remove(path);
    const columns = "rows of piqa have goal, sol1, sol2, label";
    await rejectsWith(
      read("piqa", directory),
      DataError,
      `Cannot use ${other}: row 1 has no column "goal"; ${columns}`,
    );
    await Deno.truncate(other, 900);
    await assert.rejects(read("piqa", directory), (error: Error) => {
      assert.ok(error instanceof DataError);
      assert.match(
        error.message,
        /^Cannot read .*piqa.parquet: it is no sound Parquet file \(.*\); fetch it again$/,
      );
      return true;
    });
    const broken = join(directory, "lambada_openai.parquet");
    await Deno.copyFile(goldenPath("tiny_tasks_golden/not_utf8.parquet"), broken);
    await rejectsWith(
      read("lambada_openai", directory),
      DataError,
      `Cannot use ${broken}: row 2 has in column "text" a value that is not UTF-8; save its text as UTF-8`,
    );
  }));
