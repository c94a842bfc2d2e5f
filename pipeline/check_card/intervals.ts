import {
  bootstrap,
  capabilityRetention,
  type Interval,
  mean,
  meanOver,
  overallHalfAndHalf,
  overallMeanOfRatios,
  taskRecovery,
} from "../../eval/statistics/mod.ts";
import type { Printed } from "./printed.ts";
import type { PublishedCard } from "./published.ts";

/** What drawing the answers again makes of a card's figures. */
export interface Intervals {
  readonly capability: Interval | null;
  readonly overall: Interval | null;
  readonly halves: Interval | null;
  /** By task, the average last. */
  readonly recoveries: readonly (Interval | null)[];
}

/** Intervals of a card's figures from as many right and wrong answers as its scores say; which items is not known. */
export function intervalsOf({ scores, perplexity, average }: PublishedCard, n: number): Intervals {
  const right = (score: Printed | undefined) => {
    const count = Math.round((score?.value ?? 0) * n / 100);
    return Array.from({ length: n }, (_, i) => i < count ? 100 : 0);
  };
  const models = (["teacher", "pruned", "student"] as const).map((model) =>
    scores.map((row) => right(row[model]))
  );
  const text = { teacher: perplexity.teacher?.value ?? NaN, student: perplexity.student?.value ?? NaN };
  const estimates = bootstrap(models.flatMap((tasks) => tasks.map(() => n)), (drawn) => {
    const [teacher, pruned, student] = models.map((tasks, m) =>
      tasks.map((items, i) => meanOver(items, drawn[m * tasks.length + i]!))
    ) as [number[], number[], number[]];
    return [
      capabilityRetention(teacher, student),
      overallMeanOfRatios(teacher, student, text),
      overallHalfAndHalf(teacher, student, text),
      ...scores.map((_, i) =>
        taskRecovery({ teacher: teacher[i]!, pruned: pruned[i]!, student: student[i]! })
      ),
      ...average
        ? [taskRecovery({ teacher: mean(teacher), pruned: mean(pruned), student: mean(student) })]
        : [],
    ];
  });
  const [capability, overall, halves, ...recoveries] = estimates.map(({ interval }) =>
    // All answers alike: nothing is known of how others would turn out.
    interval && interval[0] < interval[1] ? interval : null
  );
  return { capability: capability!, overall: overall!, halves: halves!, recoveries };
}
