import { formatCount } from "../../format.ts";
import { modelsOf, type Results } from "../../results.ts";
import { linear } from "../../svg/mod.ts";
import { columnsIn } from "../charts/grid.ts";
import { intervalChart } from "../charts/intervals.ts";
import { SERIES } from "../models.ts";
import { intervalOf, percent } from "../numbers.ts";
import type { Figure } from "./figure.ts";

/** Room that a panel needs to be read. */
const PANEL = 300;

/** Names of the tasks that ran, in the order of the results. */
export const tasksOf = ({ teacher }: Results): string[] => Object.keys(teacher.tasks);

/** Accuracy of every model on every task; none where no task ran. */
export function tasksFigure(results: Results): Figure | undefined {
  const models = modelsOf(results);
  const panels = tasksOf(results).map((task) => ({
    heading: task,
    note: `n = ${formatCount(results.teacher.tasks[task]!.n)}`,
    estimates: models.flatMap(([name, { tasks }]) => {
      const accuracy = tasks[task]?.metrics["acc"];
      if (!accuracy) return [];
      const { value, stderr } = accuracy, interval = intervalOf(value, stderr);
      return [{
        label: name,
        value: 100 * value,
        interval: interval && [100 * Math.max(0, interval[0]), 100 * Math.min(1, interval[1])] as const,
        text: percent(value),
        series: SERIES[name],
      }];
    }),
  }));
  if (panels.length === 0) return undefined;
  return {
    name: "tasks",
    caption:
      "Share of right answers (acc), right is better. Error bars: 95 % intervals, 1.96 standard errors to each " +
      "side. Each is of one model alone; how models differ on the same items is below.",
    draw: (width) =>
      intervalChart({
        heading: "Accuracy by task",
        description: panels.map(({ heading, estimates }) =>
          `${heading}: ${estimates.map(({ label, text }) => `${label} ${text}`).join(", ")}`
        ).join(". "),
        panels,
        scaleOf: (_, __, from, to) => linear(100, from, to),
        unit: "right answers, %",
        width,
        columns: columnsIn(width, PANEL),
      }),
  };
}
