import { pairedDifference, pairedPerplexity } from "../../eval/statistics/mod.ts";
import type { Comparison, ModelName, ModelResult, Results } from "../results.ts";

/** What the student is compared with: the control shows what distillation adds. */
const OTHERS = ["control", "teacher", "pruned"] as const;

/** The student beside every other model, on the held-out rows and on each task that ran, paired by row and item. */
export function comparisonsOf(
  { student, ...models }: Pick<Results, "student" | typeof OTHERS[number]>,
): Comparison[] {
  return OTHERS.flatMap((name) => {
    const other = models[name];
    return other ? compare(["student", name], student, other) : [];
  });
}

function compare(models: readonly [ModelName, ModelName], a: ModelResult, b: ModelResult): Comparison[] {
  const { crossEntropy, n } = pairedPerplexity(a.row_losses, b.row_losses);
  const heldOut: Comparison = {
    ...{ models, on: "held_out", metric: "cross_entropy", n },
    ...{ difference: crossEntropy.value, interval: crossEntropy.interval, p: null },
  };
  const onTasks = Object.entries(a.tasks).flatMap(([on, { items }]) =>
    Object.entries(items).map(([metric, values]): Comparison => {
      const { n, value, interval, mcNemar } = pairedDifference(values, b.tasks[on]!.items[metric]!);
      return { models, on, metric, n, difference: value, interval, p: mcNemar?.p ?? null };
    })
  );
  return [heldOut, ...onTasks];
}
