/** Finished runs side by side: what they measured, in what they differ, and their students item by item. */
import {
  type Estimate,
  pairedDifference,
  pairedPerplexity,
  plainSentence,
  plainSentenceOfPerplexity,
} from "../eval/statistics/mod.ts";
import { differingKeys, valueOf } from "./reproduce.ts";
import { type ModelName, modelsOf, readResults, type Results } from "./results.ts";

/** A run with its name. */
export interface NamedRun {
  /** Directory, as it was given. */
  readonly name: string;
  readonly results: Results;
}

/** One figure of one model in each run; null where a run lacks it. */
export interface Figure {
  readonly model: ModelName;
  /** "held_out" or a task. */
  readonly on: string;
  readonly metric: string;
  readonly values: readonly ({
    readonly value: number;
    readonly stderr: number | null;
    /** Held-out rows or items. */
    readonly n: number;
  } | null)[];
}

/** The students of two runs on the same rows or items: the second's less the first's. */
export interface StudentDifference extends Estimate {
  readonly runs: readonly [first: string, second: string];
  readonly on: string;
  readonly metric: string;
  readonly n: number;
  /** Of McNemar's exact test, where answers are right or wrong. */
  readonly p: number | null;
  readonly sentence: string;
}

/** Why the students of two runs cannot be compared item by item. */
export interface Unpaired {
  readonly runs: readonly [first: string, second: string];
  readonly on: string;
  readonly reason: string;
}

/** All that {@link compareRuns} finds. */
export interface RunComparison {
  readonly runs: readonly string[];
  readonly figures: readonly Figure[];
  readonly differences: readonly StudentDifference[];
  readonly unpaired: readonly Unpaired[];
  /** Keys of the configuration that are not the same in all runs. */
  readonly settings: readonly { readonly key: string; readonly values: readonly unknown[] }[];
}

/** Reads runs and compares them. @throws {DataError} for a run without results */
export async function runCompare(directories: readonly string[]): Promise<RunComparison> {
  const runs: NamedRun[] = [];
  for (const name of directories) runs.push({ name, results: await readResults(name) });
  return compareRuns(runs);
}

/** Compares runs; the first is what the others' students are held against. */
export function compareRuns(runs: readonly NamedRun[]): RunComparison {
  const [first, ...others] = runs as [NamedRun, ...NamedRun[]];
  const pairs = others.flatMap((other) => [pairHeldOut(first, other), ...pairTasks(first, other)].flat());
  const keys = new Set(others.flatMap(({ results }) => differingKeys(first.results.config, results.config)));
  return {
    runs: runs.map(({ name }) => name),
    figures: figuresOf(runs),
    differences: pairs.filter((pair) => "value" in pair),
    unpaired: pairs.filter((pair) => "reason" in pair),
    settings: [...keys].map((key) => ({
      key,
      values: runs.map(({ results }) => valueOf(results.config, key)),
    })),
  };
}

function figuresOf(runs: readonly NamedRun[]): Figure[] {
  const figures = new Map<string, Omit<Figure, "values"> & { values: Figure["values"][number][] }>();
  runs.forEach(({ results }, run) => {
    const add = (model: ModelName, on: string, metric: string, value: Figure["values"][number]) => {
      const key = JSON.stringify([on, metric, model]);
      const figure = figures.get(key) ?? { model, on, metric, values: runs.map(() => null) };
      figure.values[run] = value;
      figures.set(key, figure);
    };
    for (const [name, { perplexity, row_losses, tasks }] of modelsOf(results)) {
      add(name, "held_out", "perplexity", { value: perplexity, stderr: null, n: row_losses.length });
      for (const [task, { n, metrics }] of Object.entries(tasks)) {
        for (const [metric, measured] of Object.entries(metrics)) add(name, task, metric, { ...measured, n });
      }
    }
  });
  // Models stand below each other, figure by figure.
  const groups = Map.groupBy(figures.values(), ({ on, metric }) => JSON.stringify([on, metric]));
  return [...groups.values()].flat();
}

/** Names of the two students in a sentence. */
const studentsOf = (first: NamedRun, second: NamedRun): readonly [string, string] => [
  `the student of ${second.name}`,
  `the student of ${first.name}`,
];

function pairHeldOut(first: NamedRun, second: NamedRun): (StudentDifference | Unpaired)[] {
  const runs = [first.name, second.name] as const, on = "held_out";
  const [a, b] = [first, second].map(({ results }) => results.data.held_out) as [DataHash, DataHash];
  if (a.sha256 !== b.sha256) {
    return [{
      runs,
      on,
      reason: differing("the held-out rows", a, b, "data, data.validation, seed and evaluate.rows"),
    }];
  }
  const paired = pairedPerplexity(second.results.student.row_losses, first.results.student.row_losses);
  return [{
    ...{ runs, on, metric: "cross_entropy", ...paired.crossEntropy, n: paired.n, p: null },
    sentence: plainSentenceOfPerplexity(studentsOf(first, second), paired),
  }];
}

type DataHash = { readonly rows: number; readonly sha256: string };

function pairTasks(first: NamedRun, second: NamedRun): (StudentDifference | Unpaired)[] {
  const runs = [first.name, second.name] as const, [a, b] = [first.results, second.results];
  const names = new Set([...Object.keys(a.student.tasks), ...Object.keys(b.student.tasks)]);
  return [...names].flatMap((on): (StudentDifference | Unpaired)[] => {
    const [one, other] = [a.student.tasks[on], b.student.tasks[on]];
    if (!one || !other) return [{ runs, on, reason: `only ${one ? first.name : second.name} has it` }];
    const [rows, otherRows] = [a.data.tasks[on], b.data.tasks[on]];
    if (!rows || !otherRows) {
      return [{
        runs,
        on,
        reason: `${rows ? second.name : first.name} does not say which rows it was measured on`,
      }];
    }
    if (rows.sha256 !== otherRows.sha256) {
      const cure = "evaluate.task_data and evaluate.task_limit";
      return [{ runs, on, reason: differing("the rows", rows, otherRows, cure) }];
    }
    return Object.keys(one.items).filter((metric) => other.items[metric]).map((metric) => {
      const difference = pairedDifference(other.items[metric]!, one.items[metric]!);
      const { value, interval, n, mcNemar } = difference, names = studentsOf(first, second);
      const sentence = plainSentence({ names, on: `${on} (${metric})` }, difference);
      return { runs, on, metric, value, interval, n, p: mcNemar?.p ?? null, sentence };
    });
  });
}

function differing(what: string, a: DataHash, b: DataHash, cure: string): string {
  return `${what} are not the same: SHA-256 ${a.sha256.slice(0, 12)} (${a.rows} rows) and ${
    b.sha256.slice(0, 12)
  } (${b.rows}); give both runs the same ${cure}`;
}
