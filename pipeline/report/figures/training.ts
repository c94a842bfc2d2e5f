import { type ModelName } from "../../results.ts";
import { type Curve, lineChart, type LinePanel, type Point } from "../charts/lines.ts";
import { SERIES } from "../models.ts";
import type { RunRecord, TrainingLog } from "../read.ts";
import type { Figure } from "./figure.ts";

/** Most points of a curve: more are nearer than a pixel. */
const POINTS = 400;

/** Losses of the log, under its own names, for student and control; validation where the run looked at it. */
export function trainingFigure({ results, logs }: RunRecord): Figure {
  const logged: [ModelName, TrainingLog][] = [["student", logs.student]];
  if (logs.control) logged.push(["control", logs.control]);
  const width = Math.ceil(Math.max(...logged.map(([, { steps }]) => steps.length)) / POINTS);
  const losses = (of: typeof logged, loss: string): Curve[] =>
    of.map(([name, { steps }]) => ({
      label: name,
      points: means(steps.map(({ step, losses }): Point => [step, losses[loss]!]), width),
      series: SERIES[name],
    }));
  const validations = logged.flatMap(([name, { validations }]): Curve[] =>
    validations.length === 0 ? [] : [{
      label: `${name}, validation`,
      points: validations.map(({ step, validation }) => [step, validation.cross_entropy]),
      series: { ...SERIES[name], dash: "1 3" },
      marked: true,
    }]
  );
  const { alpha, beta, kind } = results.config.loss, distils = kind !== "cross_entropy" && beta > 0;
  const levels = (["teacher", "pruned"] as const).map((name) => ({
    label: `${name}, validation`,
    value: results[name].cross_entropy,
    series: SERIES[name],
  }));
  const unit = "nats per token";
  const panels: LinePanel[] = [
    { heading: "cross_entropy", unit, curves: [...losses(logged, "cross_entropy"), ...validations], levels },
    ...distils
      ? [
        { heading: `distillation (${kind})`, unit, curves: losses(logged.slice(0, 1), "distillation") },
        {
          heading: `total (student: ${alpha} × cross_entropy + ${beta} × distillation)`,
          unit,
          curves: losses(logged, "total"),
        },
      ]
      : [],
  ];
  return {
    name: "training",
    caption: "Each step's loss on the rows it trained on" +
      (width > 1 ? `, means of ${width} steps` : "") +
      "; dotted lines: cross-entropy on the held-out rows, of teacher and pruned model, which do not learn." +
      (validations.length > 0
        ? " Marks: student and control on held-out rows between steps."
        : " evaluate.every would show the held-out rows between steps too."),
    draw: (width) =>
      lineChart({
        heading: "Losses in training",
        description: panels.map(({ heading, curves }) =>
          `${heading}: ${
            curves.map(({ label, points }) =>
              `${label} from ${points[0]![1].toFixed(3)} to ${points.at(-1)![1].toFixed(3)}`
            ).join(", ")
          }`
        ).join(". "),
        panels,
        width,
      }),
  };
}

/** Means of so many neighbours each; a last group may be shorter. */
function means(points: readonly Point[], width: number): Point[] {
  return Array.from({ length: Math.ceil(points.length / width) }, (_, i): Point => {
    const group = points.slice(i * width, (i + 1) * width);
    return [group.at(-1)![0], group.reduce((sum, [, value]) => sum + value, 0) / group.length];
  });
}
