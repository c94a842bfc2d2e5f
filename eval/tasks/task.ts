/** What a task is: rows in, requests out, metrics of the answers. */
import { z } from "zod";
import type { Item, TextRequest } from "./item.ts";
import type { Metric } from "./metrics.ts";

/** Where rows of a task come from, in the words of the Hugging Face hub. */
export interface DatasetSource {
  readonly path: string;
  readonly name: string | null;
  readonly split: string;
}

/** A benchmark. */
export interface Task {
  readonly name: string;
  /** lm-evaluation-harness's version of the task that this one equals. */
  readonly version: number;
  readonly source: DatasetSource;
  readonly metrics: readonly Metric[];
  /** Names of the columns that are read. */
  readonly columns: readonly string[];
  /** The question of a row. @throws {z.ZodError} that names the columns that are wrong */
  itemOf(row: unknown): Item;
}

/** A task as its file writes it: the schema says what a row's columns hold, `item` what is asked. */
export interface TaskDefinition<Row> {
  readonly name: string;
  readonly version: number;
  readonly source: DatasetSource;
  readonly row: z.ZodObject & z.ZodType<Row>;
  readonly item: (row: Row) => Item;
  readonly metrics: readonly Metric[];
}

/** A task of its definition. */
export function defineTask<Row>({ row, item, ...rest }: TaskDefinition<Row>): Task {
  return { ...rest, columns: Object.keys(row.shape), itemOf: (value) => item(row.parse(value)) };
}

/** One request for each choice, all after the same context; a space stands between. */
export const choicesAfter = (context: string, choices: readonly string[]): TextRequest[] =>
  choices.map((choice) => ({ context, continuation: ` ${choice}` }));

/** A column of text. */
export const text = z.string({
  error: ({ input }) =>
    input instanceof Uint8Array ? "is not UTF-8; save its text as UTF-8" : "is not text; give a string",
});
/** A column of text that is scored or filled in, so that it cannot be empty. */
export const someText = text.refine((value) => value !== "", "is empty; give its text");
/** A list of choices. */
export const someChoices = z.array(someText, "is not a list; give the choices").min(
  2,
  "has fewer than 2 choices; give all",
);
/** A label: the place of the right one of `count` choices, from 0. */
export const labelBelow = (count: number) =>
  z.int("is not a whole number; give the place of the right choice").refine(
    (label) => label >= 0 && label < count,
    `is out of range; give a number from 0 to ${count - 1}`,
  );
