/** study.json: every method over the seeds, and what it differs from the baseline by. */
import { bootstrap, type Interval, mean, meanOver, pairedPerplexity } from "../../eval/statistics/mod.ts";
import type { ModelResult, Results } from "../results.ts";
import type { Cell } from "./cells.ts";
import type { StudyDefinition } from "./definition.ts";
import { intervalOverSeeds, type Spread, spreadOf } from "./spread.ts";

/** Version of study.json; it changes when a key changes its meaning or leaves. */
export const STUDY_VERSION = 1;

/** A cell with what it gave. */
export interface FinishedCell {
  readonly cell: Cell;
  readonly results: Results;
}

/** A method less the baseline, in the unit of the measure. */
export interface Difference {
  /** Mean over the seeds, each paired with the baseline's cell of the same seed. */
  readonly value: number;
  /** 95 % interval for other items and these seeds: rows or items are drawn again, paired. */
  readonly over_items: Interval | null;
  /** 95 % interval for other seeds, from the spread of the seeds' differences (Student's t); null of one seed. */
  readonly over_seeds: Interval | null;
  /** Rows of all seeds, or items of the task. */
  readonly n: number;
}

/** A measure of a method. */
export interface MeasureResult extends Spread {
  /** Null of the baseline itself. */
  readonly difference: Difference | null;
}

/** study.json */
export interface StudyResults {
  readonly version: typeof STUDY_VERSION;
  readonly description: string | null;
  readonly baseline: string;
  readonly seeds: readonly number[];
  /**
   * By method and measure: "cross_entropy" of the held-out rows in nats per token; "average acc" over several tasks; and
   * "TASK METRIC" of each task, lambada with "log_likelihood" in nats per item in place of its perplexity.
   */
  readonly methods: Readonly<Record<string, Readonly<Record<string, MeasureResult>>>>;
  /** The models before training, as far as they are the same for all methods of a seed, over the seeds. */
  readonly references: Readonly<Record<"teacher" | "pruned", Readonly<Record<string, Spread>>>>;
  readonly cells: readonly {
    readonly method: string;
    readonly seed: number;
    /** Directory of the run, within that of the study. */
    readonly run: string;
    readonly drop: readonly number[];
    readonly perplexity: number;
    readonly seconds: number;
  }[];
}

/** Compares the methods of a study whose cells are all finished. */
export function studyResults(
  { description, baseline, seeds, methods }: StudyDefinition,
  cells: readonly FinishedCell[],
): StudyResults {
  const of = (method: string) =>
    cells.filter(({ cell }) => cell.method === method).map(({ results: { student } }) => student);
  const base = of(baseline), names = measuresOf(base[0]!);
  const reference = (model: "teacher" | "pruned") => {
    const models = cells.filter(({ cell }) => cell.method === baseline).map(({ results }) => results[model]);
    return Object.fromEntries(
      names.map((name) => [name, spreadOf(models.map((model) => valueOf(model, name)))]),
    );
  };
  return {
    version: STUDY_VERSION,
    description: description ?? null,
    baseline,
    seeds,
    methods: Object.fromEntries(
      Object.keys(methods).map((method) => {
        const students = of(method);
        return [
          method,
          Object.fromEntries(names.map((name): [string, MeasureResult] => [name, {
            ...spreadOf(students.map((student) => valueOf(student, name))),
            difference: method === baseline ? null : differenceOf(students, base, name),
          }])),
        ];
      }),
    ),
    references: { teacher: reference("teacher"), pruned: reference("pruned") },
    cells: cells.map(({ cell: { method, seed, name }, results: { drop, student, training } }) => ({
      ...{ method, seed, run: `cells/${name}`, drop },
      ...{ perplexity: student.perplexity, seconds: training.student.seconds },
    })),
  };
}

const HELD_OUT = "cross_entropy", AVERAGE = "average acc";

/** Names of what is measured of a model: of a task every metric that items have, and the average of several tasks. */
function measuresOf({ tasks }: ModelResult): string[] {
  const ofTasks = Object.entries(tasks).flatMap(([task, { items }]) =>
    Object.keys(items).map((metric) => `${task} ${metric}`)
  );
  return [HELD_OUT, ...Object.keys(tasks).length > 1 ? [AVERAGE] : [], ...ofTasks];
}

/** The items of a measure by task; its value is the mean of the tasks' means. */
function itemsOf({ tasks }: ModelResult, name: string): (readonly number[])[] {
  if (name === AVERAGE) return Object.values(tasks).map(({ items }) => items.acc!);
  const [task, metric] = name.split(" ") as [string, string];
  return [tasks[task]!.items[metric]!];
}

const valueOf = (model: ModelResult, name: string): number =>
  name === HELD_OUT ? model.cross_entropy : mean(itemsOf(model, name).map(mean));

/** Differences of models from others of the same seeds, in the same order. */
function differenceOf(
  models: readonly ModelResult[],
  others: readonly ModelResult[],
  name: string,
): Difference {
  const seeds = models.map((model, s) => valueOf(model, name) - valueOf(others[s]!, name));
  const found = { value: mean(seeds), over_seeds: intervalOverSeeds(seeds) };
  if (name === HELD_OUT) {
    const rows = (models: readonly ModelResult[]) => models.flatMap(({ row_losses }) => row_losses);
    const { crossEntropy, n } = pairedPerplexity(rows(models), rows(others));
    return { ...found, over_items: crossEntropy.interval, n };
  }
  // The items are the same for every seed, so what is drawn again is an item with all its seeds.
  const tasks = itemsOf(models[0]!, name).map((items, task) =>
    items.map((_, i) =>
      mean(
        models.map((model, s) => itemsOf(model, name)[task]![i]! - itemsOf(others[s]!, name)[task]![i]!),
      )
    )
  );
  const sizes = tasks.map((items) => items.length);
  const [estimate] = bootstrap(
    sizes,
    (drawn) => [mean(tasks.map((items, task) => meanOver(items, drawn[task]!)))],
  );
  return { ...found, over_items: estimate!.interval, n: sizes.reduce((sum, size) => sum + size) };
}
