import { DataError } from "../../engine/mod.ts";
import { type Contents, readMarkdown, type Table } from "./markdown.ts";
import { type Printed, readNumber } from "./printed.ts";

/** One line of a card's table of scores, in percent. */
export interface PublishedScores {
  readonly task: string;
  readonly teacher: Printed;
  readonly student: Printed;
  readonly pruned: Printed | undefined;
  readonly recovery: Printed | undefined;
  /** Items, where the card says. */
  readonly n: number | undefined;
}

/** A figure that a card claims, with its own name and explanation. */
export interface Claim {
  readonly label: string;
  readonly value: Printed;
  readonly description: string;
}

/** What of a model card can be computed again. */
export interface PublishedCard {
  readonly scores: readonly PublishedScores[];
  readonly average: PublishedScores | undefined;
  readonly perplexity: Readonly<Partial<Record<Model, Printed>>>;
  readonly claims: Readonly<Partial<Record<"perplexity" | "capability" | "overall", Claim>>>;
  /** What the card calls a training loss. */
  readonly trainingLoss: Claim | undefined;
  readonly parameters: Readonly<Partial<Record<Model, Printed>>>;
  /** Share of the parameters that were removed, in percent. */
  readonly reduction: Claim | undefined;
}

type Model = "teacher" | "pruned" | "student";

/** How cards name the models; the first that fits counts. */
const MODEL_NAMES: readonly (readonly [Model, RegExp])[] = [
  ["pruned", /pruned|no[ -]?kd|before|untrained/i],
  ["teacher", /teacher|original|\bbase(line)?\b/i],
  ["student", /student|distilled|healed|after|final/i],
];
const PERPLEXITY = /perplexity|\bppl\b/i;

const modelOf = (text: string) => MODEL_NAMES.find(([, name]) => name.test(text))?.[0];

/**
 * Reads a model card.
 *
 * @param path named in the error
 * @throws {DataError} where it has no table of scores of a teacher and a student
 */
export function readPublished(text: string, path: string): PublishedCard {
  const contents = readMarkdown(text), { tables, lines } = contents;
  const rows = tables.flatMap(scoresOf);
  if (rows.length === 0) {
    throw new DataError(
      `Cannot check ${path}: it has no table with a line for each task and a column each for teacher and student ` +
        `(${tables.length} ${
          tables.length === 1 ? "table was" : "tables were"
        } read); give a model card that has one`,
      { path },
    );
  }
  const isAverage = ({ task }: PublishedScores) => /average|mean|overall/i.test(task);
  return {
    scores: rows.filter((row) => !isAverage(row)),
    average: rows.find(isAverage),
    perplexity: perplexityOf(contents),
    claims: claimsOf(tables),
    trainingLoss: lineClaim(lines, /train\w*\s+loss/i),
    parameters: parametersOf(lines),
    reduction: lineClaim(lines, /reduction/i),
  };
}

/** Columns of a table by the model that their header names. */
function modelColumns({ header }: Table): ReadonlyMap<Model, number> {
  const columns = new Map<Model, number>();
  header.forEach((title, column) => {
    const model = modelOf(title);
    if (column > 0 && model && !columns.has(model)) columns.set(model, column);
  });
  return columns;
}

function scoresOf(table: Table): PublishedScores[] {
  const columns = modelColumns(table), { header, rows } = table;
  if (!columns.has("teacher") || !columns.has("student")) return [];
  const recovery = header.findIndex((title) => /recover/i.test(title)),
    items = header.findIndex((title) => /^(n|items|documents|limit)$/i.test(title)),
    metric = header.findIndex((title) => /^metric$/i.test(title));
  return headlines(rows, metric).flatMap((cells) => {
    const cell = (column: number | undefined) => readNumber(cells[column ?? -1] ?? "");
    const teacher = cell(columns.get("teacher")), student = cell(columns.get("student"));
    if (!teacher || !student || PERPLEXITY.test(cells[0] ?? "")) return [];
    const n = cell(items)?.value;
    return [{
      task: cells[0]!,
      teacher,
      student,
      pruned: cell(columns.get("pruned")),
      recovery: cell(recovery),
      n,
    }];
  });
}

/** Where a task has a line for each metric, the one that cards take its score from: acc_norm, else acc. */
function headlines(rows: Table["rows"], metric: number): Table["rows"] {
  if (metric < 0) return rows;
  return [...Map.groupBy(rows, ([task]) => task).values()].flatMap((lines) => {
    const of = (name: string) => lines.find((cells) => cells[metric] === name),
      line = of("acc_norm") ?? of("acc");
    return line ? [line] : [];
  });
}

/** Perplexities stand in a line of a table of models, in a column of a table with a line for each model, or after a colon. */
function perplexityOf({ tables, lines }: Contents): PublishedCard["perplexity"] {
  const found: Partial<Record<Model, Printed>> = {};
  const add = (model: Model | undefined, value: Printed | undefined) => {
    if (model && value) found[model] ??= value;
  };
  for (const table of tables) {
    const column = table.header.findIndex((title) => PERPLEXITY.test(title) && !/retention/i.test(title));
    for (const cells of table.rows) {
      const title = cells[0] ?? "";
      if (column > 0) add(modelOf(title), readNumber(cells[column] ?? ""));
      if (!PERPLEXITY.test(title) || /retention/i.test(title)) continue;
      for (const [model, at] of modelColumns(table)) add(model, readNumber(cells[at] ?? ""));
    }
  }
  for (const line of lines) {
    const [, label, value] = /^([^:]*):\s*([\d.,]+)\s*$/.exec(line) ?? [];
    if (label && PERPLEXITY.test(label) && !/retention/i.test(label)) add(modelOf(label), readNumber(value!));
  }
  return found;
}

function claimsOf(tables: readonly Table[]): PublishedCard["claims"] {
  const claims: Partial<Record<"perplexity" | "capability" | "overall", Claim>> = {};
  for (const { header, rows } of tables) {
    const named = header.findIndex((title) => /^value$/i.test(title));
    for (const [label = "", ...rest] of rows) {
      // The card's word, else the first percentage, else the first number.
      const at = named > 0
        ? named - 1
        : [/\d\s*%/, /\d/].map((number) => rest.findIndex((cell) => number.test(cell)))
          .find((found) => found >= 0);
      const value = readNumber(rest[at ?? -1] ?? "");
      if (!/retention/i.test(label) || !value) continue;
      const name = /overall|combined|total/i.test(label)
        ? "overall"
        : PERPLEXITY.test(label)
        ? "perplexity"
        : "capability";
      claims[name] ??= { label, value, description: rest.filter((_, i) => i !== at).join(" ") };
    }
  }
  return claims;
}

/** The first line `label: number` whose label fits. */
function lineClaim(lines: readonly string[], label: RegExp): Claim | undefined {
  for (const line of lines) {
    const [, name, text] = /^([^:]*):\s*(.*)$/.exec(line) ?? [], value = readNumber(text ?? "");
    if (name && label.test(name) && value) return { label: name.trim(), value, description: "" };
  }
  return undefined;
}

/** "N parameters", by the model that was last named before it. */
function parametersOf(lines: readonly string[]): PublishedCard["parameters"] {
  const found: Partial<Record<Model, Printed>> = {}, text = lines.join("\n");
  for (const { index, 1: number } of text.matchAll(/(\d[\d,]*)\s+parameters/gi)) {
    const names = [...text.slice(0, index).matchAll(/teacher|student/gi)];
    const model = names.at(-1)?.[0].toLowerCase() as "teacher" | "student" | undefined;
    if (model) found[model] ??= readNumber(number!)!;
  }
  return found;
}
