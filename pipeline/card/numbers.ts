import type { CountedEstimate, Interval } from "../../eval/statistics/mod.ts";
import type { TaskResult } from "../../eval/tasks/mod.ts";
import { formatCount } from "../format.ts";
import { isShare, type ModelResult } from "../results.ts";

/** "3 rows", "1 row". */
export const counted = (value: number, what: string): string =>
  `${formatCount(value)} ${what}${value === 1 ? "" : "s"}`;

/** A figure in percent with its interval; n stands beside it. */
export function percent({ value, interval }: Pick<CountedEstimate, "value" | "interval">): string {
  return `${value.toFixed(1)} % (${ends(interval, (end) => end.toFixed(1))})`;
}

/** Ends of a 95 % interval, or that it is not known. */
export function ends(interval: Interval | null, show: (value: number) => string): string {
  return interval ? `${show(interval[0])} to ${show(interval[1])}` : "too few to tell";
}

/** A metric with its standard error: shares in percent, all else as it is. */
export function metricText(metric: string, { value, stderr }: TaskResult["metrics"][string]): string {
  const [factor, digits] = isShare(metric) ? [100, 1] : [1, 2];
  const show = (x: number) => (factor * x).toFixed(digits);
  return stderr === null ? show(value) : `${show(value)} ± ${show(stderr)}`;
}

/** The metric that a task's score is taken from: acc_norm where there is one, else acc, as published cards do. */
export function headline({ items }: TaskResult): "acc_norm" | "acc" {
  return items.acc_norm ? "acc_norm" : "acc";
}

/** Right answers (1) and wrong ones (0) of each task. */
export function answersOf({ tasks }: ModelResult): Record<string, readonly number[]> {
  return Object.fromEntries(Object.entries(tasks).map(([name, task]) => [name, task.items[headline(task)]!]));
}
