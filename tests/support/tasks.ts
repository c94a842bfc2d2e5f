/** Rows of the five tasks for tests: the project's own, and 100 published ones of each where they are kept beside it. */
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { sharedPath } from "./shared.ts";

/** A file of tests/golden. */
const golden = (name: string) => fileURLToPath(new URL(`../golden/${name}`, import.meta.url));

/** The random model that tests/golden/tasks.py makes, with Pebble's tokenizer. */
export const TASK_MODEL: string = golden("data/tiny_tasks");

/** Directory of the project's own rows, before tests/golden/tasks.py adds to them. */
export const OWN_ROWS: string = golden("task_rows");

type Row = Record<string, unknown>;

const parse = (text: string): Row[] => text.trim().split("\n").map((line) => JSON.parse(line));

async function write(directory: string, task: string, rows: readonly Row[]): Promise<void> {
  const lines = rows.map((row) => `${JSON.stringify(row)}\n`);
  await Deno.writeTextFile(join(directory, `${task}.jsonl`), lines.join(""));
}

/** Writes the project's own rows as `--task-data` wants them. */
export async function writeOwnRows(directory: string): Promise<void> {
  for (const task of ["arc_easy", "winogrande", "hellaswag", "piqa"]) {
    await Deno.copyFile(join(OWN_ROWS, `${task}.jsonl`), join(directory, `${task}.jsonl`));
  }
  await Deno.copyFile(
    golden("data/tiny_tasks_golden/lambada_openai.jsonl"),
    join(directory, "lambada_openai.jsonl"),
  );
}

/** Whether the published rows are here; says so where they are not. */
export function havePublishedRows(): boolean {
  if (sharedPath("data/benchmarks") !== undefined) return true;
  console.log("skipped: no published rows in ../shared/data/benchmarks");
  return false;
}

/** Writes 100 published rows of each task in the columns of the hub's datasets, which the stored files do not all have. */
export async function writePublishedRows(directory: string): Promise<void> {
  const read = (name: string) => Deno.readTextFile(sharedPath(`data/benchmarks/${name}`)!);
  await write(
    directory,
    "arc_easy",
    parse(await read("arc_easy_test_100.jsonl")).map(({ query, choices, gold }) => ({
      question: String(query).replace(/^Question: /, ""),
      choices: { text: choices, label: [..."ABCDE"].slice(0, (choices as string[]).length) },
      answerKey: "ABCDE"[gold as number],
    })),
  );
  await write(directory, "winogrande", parse(await read("winogrande_dev_100.jsonl")));
  await write(directory, "hellaswag", parse(await read("hellaswag_val_100.jsonl")));
  await write(directory, "lambada_openai", parse(await read("lambada_openai_test_100.jsonl")));
  const labels = (await read("piqa_valid_100-labels.lst")).trim().split(/\s+/);
  await write(
    directory,
    "piqa",
    parse(await read("piqa_valid_100.jsonl")).map((row, i) => ({ ...row, label: Number(labels[i]) })),
  );
}
