import { DataError } from "../../engine/mod.ts";
import { bootstrap, type Estimate, meanOver, sumOver } from "./bootstrap.ts";
import {
  capabilityRetention,
  overallHalfAndHalf,
  overallMeanOfRatios,
  perplexityRetention,
  taskRecovery,
} from "./formulas.ts";
import type { RowLoss } from "./paired.ts";

/** What recovery and retention are computed from: the same items and the same held-out rows for each model. */
export interface RetentionItems {
  /** By task: one number an item, 0 or 1, in the order of the items. */
  readonly tasks: Readonly<Record<string, readonly number[]>>;
  readonly rows: readonly RowLoss[];
}

/** A figure in percent, with the items that it rests on. */
export interface CountedEstimate extends Estimate {
  readonly n: number;
}

/** The formulas of `formulas.ts` on measured items, all in percent. */
export interface Retention {
  readonly taskRecovery: Readonly<Record<string, CountedEstimate>>;
  /** {@link taskRecovery} of the means over the tasks. Null, like all below it but perplexity's, where no task ran. */
  readonly averageRecovery: CountedEstimate | null;
  readonly capabilityRetention: CountedEstimate | null;
  readonly perplexityRetention: CountedEstimate;
  readonly overallMeanOfRatios: CountedEstimate | null;
  readonly overallHalfAndHalf: CountedEstimate | null;
}

/**
 * Recovery and retention of a student, each with its n and a 95 % interval: the items of each task and the held-out rows
 * are drawn again, the same for the three models, and go through the formula. n counts the items of the tasks, or rows
 * for perplexity, or both.
 *
 * @throws {DataError} where a model lacks items of another
 */
export function measureRetention(
  models: { teacher: RetentionItems; pruned: RetentionItems; student: RetentionItems },
): Retention {
  const { teacher, pruned, student } = models, names = Object.keys(teacher.tasks);
  requireSame(models);
  const sizes = [...names.map((name) => teacher.tasks[name]!.length), teacher.rows.length];
  const sums = [teacher, student].map(({ rows }) => rows.map(({ sum }) => sum)),
    tokens = teacher.rows.map(({ tokens }) => tokens);
  const estimates = bootstrap(sizes, (drawn) => {
    const rows = drawn[names.length]!, count = sumOver(tokens, rows);
    const perplexity = {
      teacher: Math.exp(sumOver(sums[0]!, rows) / count),
      student: Math.exp(sumOver(sums[1]!, rows) / count),
    };
    const [t, p, s] = [teacher, pruned, student].map(({ tasks }) =>
      names.map((name, i) => 100 * meanOver(tasks[name]!, drawn[i]!))
    ) as [number[], number[], number[]];
    const average = (scores: readonly number[]) =>
      scores.reduce((sum, score) => sum + score, 0) / scores.length;
    return [
      perplexityRetention(perplexity),
      ...names.length === 0 ? [] : [
        taskRecovery({ teacher: average(t), pruned: average(p), student: average(s) }),
        capabilityRetention(t, s),
        overallMeanOfRatios(t, s, perplexity),
        overallHalfAndHalf(t, s, perplexity),
        ...names.map((_, i) => taskRecovery({ teacher: t[i]!, pruned: p[i]!, student: s[i]! })),
      ],
    ];
  });
  const rows = teacher.rows.length, items = sizes.reduce((sum, size) => sum + size, 0) - rows;
  const counted = (at: number, n: number) => at < estimates.length ? { ...estimates[at]!, n } : null;
  return {
    perplexityRetention: counted(0, rows)!,
    averageRecovery: counted(1, items),
    capabilityRetention: counted(2, items),
    overallMeanOfRatios: counted(3, items + rows),
    overallHalfAndHalf: counted(4, items + rows),
    taskRecovery: Object.fromEntries(names.map((name, i) => [name, counted(5 + i, sizes[i]!)!])),
  };
}

function requireSame(models: Readonly<Record<string, RetentionItems>>): void {
  const teacher = models.teacher!;
  for (const [model, { tasks, rows }] of Object.entries(models)) {
    const other = Object.entries(teacher.tasks).find(([task, items]) => tasks[task]?.length !== items.length);
    if (other) {
      throw new DataError(
        `Cannot compute retention: the teacher has ${other[1].length} items of ${other[0]} and the ${model} ${
          tasks[other[0]]?.length ?? "none"
        }; evaluate all on the same`,
      );
    }
    if (rows.length === 0 || rows.length !== teacher.rows.length) {
      throw new DataError(
        `Cannot compute retention: the teacher has ${teacher.rows.length} held-out rows and the ${model} ` +
          `${rows.length}; measure the perplexity of all on the same`,
      );
    }
  }
}
