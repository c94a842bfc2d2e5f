import { formatDuration } from "../../format.ts";
import type { Results } from "../../results.ts";
import { barChart } from "../charts/bars.ts";
import { SERIES } from "../models.ts";
import { percent } from "../numbers.ts";
import type { Figure } from "./figure.ts";

/** Where the time of a run went. */
export function timeFigure({ seconds }: Results): Figure {
  const stages = Object.entries(seconds), total = stages.reduce((sum, [, each]) => sum + each, 0);
  const bars = stages.map(([label, value]) => ({
    label,
    value,
    text: formatDuration(value),
    series: label.endsWith("control")
      ? SERIES.control
      : label.endsWith("pruned")
      ? SERIES.pruned
      : /^train$|student$/.test(label)
      ? SERIES.student
      : SERIES.teacher,
    hint: `${label}: ${formatDuration(value)}, ${percent(value / total, 0)} of the run`,
  }));
  return {
    name: "time",
    caption: `${formatDuration(total)} in all, in the order in which the stages ran.`,
    draw: (width) =>
      barChart({
        heading: "Time of each stage",
        description: bars.map(({ hint }) => hint).join(". "),
        groups: [{ bars }],
        unit: "seconds",
        width,
      }),
  };
}
