import { isTold } from "../../../eval/statistics/mod.ts";
import { isShare, modelsOf, type Results } from "../../results.ts";
import { tasksOf } from "../figures/tasks.ts";
import { type Markup } from "../html.ts";
import { decimals, intervalText, percent } from "../numbers.ts";
import { details, table } from "./table.ts";

/** Every metric of every task and model. */
export function tasksTable(results: Results): Markup {
  const models = modelsOf(results), named = { heading: "Metric", words: true };
  const rows = tasksOf(results).flatMap((task) => {
    const { n, metrics } = results.teacher.tasks[task]!;
    return Object.keys(metrics).map((metric) => [
      task,
      metric,
      n,
      ...models.map(([, { tasks }]) => measureText(metric, tasks[task]?.metrics[metric])),
    ]);
  });
  const columns = [{ heading: "Task" }, named, { heading: "n" }, ...models.map(([heading]) => ({ heading }))];
  return details("All metrics, with standard errors", table(columns, rows));
}

function measureText(metric: string, measure: { value: number; stderr: number | null } | undefined): string {
  if (!measure) return "not measured";
  const write = (value: number) => isShare(metric) ? percent(value) : decimals(value, 3);
  return measure.stderr === null
    ? write(measure.value)
    : `${write(measure.value)} ± ${write(measure.stderr)}`;
}

/** Every comparison of two models, with its interval. */
export function comparisonsTable({ comparisons }: Results): Markup {
  const rows = comparisons.map(({ models: [first, second], on, metric, n, difference, interval, p }) => {
    const inPoints = isShare(metric);
    const write = (value: number) => inPoints ? decimals(100 * value, 1) : decimals(value, 4);
    return [
      `${first} less ${second}`,
      on,
      `${metric}, ${inPoints ? "points" : "nats"}`,
      n,
      write(difference),
      intervalText(interval, write),
      isTold({ mcNemar: p === null ? null : { p }, interval }) ? "differ" : "not told apart",
    ];
  });
  const columns = [
    { heading: "Models" },
    { heading: "On", words: true },
    { heading: "Metric", words: true },
    { heading: "n" },
    { heading: "Difference" },
    { heading: "95 % interval" },
    { heading: "So they", words: true },
  ];
  return details("All comparisons, paired by row or item", table(columns, rows));
}
