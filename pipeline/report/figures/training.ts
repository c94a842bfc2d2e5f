import type { ModelName } from "../../results.ts";
import { columnsIn } from "../charts/grid.ts";
import { type Curve, lineChart, type LinePanel, type Point } from "../charts/lines.ts";
import { SERIES } from "../models.ts";
import type { RunRecord, TrainingLog } from "../read.ts";
import type { Figure } from "./figure.ts";

/** Most points of a curve: more are nearer than a pixel. */
const POINTS = 400;
/** Room that a panel needs to be read. */
const PANEL = 300;
/** Dots of a line that only marks a level. */
const LEVEL = "2 4";

type Trained = readonly [name: ModelName, log: TrainingLog];

/** Losses of the log, under its own names, and cross-entropy on the held-out rows, for student and control. */
export function trainingFigure(record: RunRecord): Figure {
  const { results: { config }, logs } = record;
  const student: Trained = ["student", logs.student];
  const trained: Trained[] = [student, ...logs.control ? [["control", logs.control] as const] : []];
  const group = Math.ceil(Math.max(...trained.map(([, { steps }]) => steps.length)) / POINTS);
  const panel = (heading: string, loss: string, of: readonly Trained[]): LinePanel => ({
    heading,
    unit: "nats per token",
    curves: of.map(([name, { steps }]) => ({
      label: name,
      points: means(steps.map(({ step, losses }): Point => [step, losses[loss]!]), group),
      series: SERIES[name],
    })),
  });
  const { alpha, beta, kind } = config.loss, distils = kind !== "cross_entropy" && beta > 0;
  const panels = [
    panel("training: cross_entropy", "cross_entropy", trained),
    validationPanel(record, trained),
    ...distils
      ? [
        panel(`training: distillation (${kind})`, "distillation", [student]),
        panel("training: total", "total", trained),
      ]
      : [],
  ];
  return {
    name: "training",
    caption: `Training: each step's loss on the rows it learns from, before it learns${
      group > 1 ? ` (means of ${group} steps)` : ""
    }. Validation: held-out rows, from the pruned model at step 0 to the end${
      config.evaluate.every === null ? "; evaluate.every looks between" : ""
    }.${
      distils
        ? ` The student's total is ${alpha} × cross_entropy + ${beta} × distillation, the control's its cross_entropy.`
        : ""
    }`,
    draw: (width) =>
      lineChart({
        heading: "Losses in training",
        description: panels.map(({ heading, curves }) => `${heading}: ${curves.map(told).join(", ")}`).join(
          ". ",
        ),
        panels,
        width,
        columns: columnsIn(width, PANEL),
      }),
  };
}

/** From the pruned model, through what the run looked at, to the healed ones; the teacher as a level. */
function validationPanel({ results }: RunRecord, trained: readonly Trained[]): LinePanel {
  const { pruned, teacher, training } = results, end = training.student.steps;
  const curves = trained.map(([name, { validations }]): Curve => {
    const between = validations.map(({ step, validation }): Point => [step, validation.cross_entropy]);
    const reached: Point = [end, results[name]!.cross_entropy];
    return {
      label: name,
      points: [[0, pruned.cross_entropy], ...between.filter(([step]) => step < end), reached],
      series: SERIES[name],
      marked: true,
    };
  });
  const level: Curve = {
    label: "teacher",
    points: [[0, teacher.cross_entropy], [end, teacher.cross_entropy]],
    series: { ...SERIES.teacher, dash: LEVEL },
  };
  return { heading: "validation: cross_entropy", unit: "nats per token", curves: [...curves, level] };
}

const told = ({ label, points }: Curve): string =>
  `${label} from ${points[0]![1].toFixed(3)} to ${points.at(-1)![1].toFixed(3)}`;

/** Means of so many neighbours each; a last group may be shorter. */
function means(points: readonly Point[], group: number): Point[] {
  return Array.from({ length: Math.ceil(points.length / group) }, (_, i): Point => {
    const part = points.slice(i * group, (i + 1) * group);
    return [part.at(-1)![0], part.reduce((sum, [, value]) => sum + value, 0) / part.length];
  });
}
