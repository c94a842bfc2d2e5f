import type { Comparison, ModelName, Results } from "../../results.ts";
import { linear } from "../../svg/mod.ts";
import { intervalChart } from "../charts/intervals.ts";
import { SERIES } from "../models.ts";
import { decimals } from "../numbers.ts";
import type { Figure } from "./figure.ts";

/** The comparison of two models on something, if it was made. */
export function comparisonOf(
  { comparisons }: Results,
  [first, second]: readonly [ModelName, ModelName],
  on: string,
  metric: string,
): Comparison | undefined {
  return comparisons.find(({ models, ...made }) =>
    models[0] === first && models[1] === second && made.on === on && made.metric === metric
  );
}

/** The student's lead in accuracy over the others, task by task; none where no task was compared. */
export function differencesFigure(results: Results): Figure | undefined {
  const panels = (["control", "teacher", "pruned"] as const).flatMap((other) => {
    const made = results.comparisons.filter(({ models, metric }) =>
      models[0] === "student" && models[1] === other && metric === "acc"
    );
    return made.length === 0 ? [] : [{
      heading: `student less ${other}`,
      estimates: made.map(({ on, difference, interval }) => ({
        label: on,
        value: 100 * difference,
        interval: interval && [100 * interval[0], 100 * interval[1]] as const,
        text: decimals(100 * difference, 1),
        series: SERIES[other],
      })),
    }];
  });
  if (panels.length === 0) return undefined;
  return {
    name: "differences",
    caption:
      "How much more of the same items the student gets right, with 95 % intervals paired by item. An interval " +
      "that holds 0 shows no difference.",
    draw: (width) =>
      intervalChart({
        heading: "The student against the others",
        description: panels.map(({ heading, estimates }) =>
          `${heading}: ${estimates.map(({ label, text }) => `${label} ${text}`).join(", ")}`
        ).join(". "),
        panels,
        scaleOf: (least, most, from, to) => linear(most, from, to, least),
        unit: "difference, percentage points",
        marked: 0,
        width,
        columns: 1,
      }),
  };
}
