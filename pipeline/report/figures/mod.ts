/** The pictures of a run; one that there is nothing to draw of is left out. */
import type { RunRecord } from "../read.ts";
import { differencesFigure } from "./differences.ts";
import { importanceFigure } from "./importance.ts";
import { perplexityFigure } from "./perplexity.ts";
import { tasksFigure } from "./tasks.ts";
import { timeFigure } from "./time.ts";
import { trainingFigure } from "./training.ts";

export type { Figure } from "./figure.ts";

/** Every figure of a run that there is something to draw of, by name. */
export function figuresOf(record: RunRecord) {
  const { results } = record;
  return {
    importance: importanceFigure(results),
    perplexity: perplexityFigure(results),
    tasks: tasksFigure(results),
    differences: differencesFigure(results),
    training: trainingFigure(record),
    time: timeFigure(results),
  };
}
