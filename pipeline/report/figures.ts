/** The pictures of a run; one that there is nothing to draw of is left out. */
import type { RunRecord } from "./read.ts";
import { differencesFigure } from "./figures/differences.ts";
import { importanceFigure } from "./figures/importance.ts";
import { memoryFigure } from "./figures/memory.ts";
import { perplexityFigure } from "./figures/perplexity.ts";
import { tasksFigure } from "./figures/tasks.ts";
import { timeFigure } from "./figures/time.ts";
import { trainingFigure } from "./figures/training.ts";

/** Every figure of a run that there is something to draw of, by name. */
export function figuresOf(record: RunRecord) {
  const { results } = record;
  return {
    importance: importanceFigure(results),
    perplexity: perplexityFigure(record),
    tasks: tasksFigure(results),
    differences: differencesFigure(results),
    training: trainingFigure(record),
    time: timeFigure(results),
    memory: memoryFigure(results),
  };
}
