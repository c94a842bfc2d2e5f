import { join } from "node:path";
import type { Engine } from "../../engine/mod.ts";
import { writeFileAtomic, writeJsonAtomic } from "../../model/files/mod.ts";
import { runDistill } from "../distill.ts";
import type { Reporter } from "../reporter.ts";
import type { Results } from "../results.ts";
import { type Cell, cellDirectory, finishedResults, samePruning } from "./cells.ts";
import type { StudyDefinition } from "./definition.ts";
import { studyMarkdown } from "./markdown.ts";
import { type FinishedCell, type StudyResults, studyResults } from "./summary.ts";

/**
 * Runs the cells of a study that are not finished, one after another on one engine, and compares their methods in
 * `study.json` and `study.md`. What was measured before training is taken from a finished cell that has the same.
 *
 * @param out directory of the study; finished cells in it are kept, a cell that was stopped goes on
 */
export async function runStudy(
  openEngine: () => Promise<Engine>,
  definition: StudyDefinition,
  cells: readonly Cell[],
  out: string,
  reporter: Reporter,
): Promise<StudyResults> {
  const finished: FinishedCell[] = [];
  for (const [i, cell] of cells.entries()) {
    const title = `Cell ${i + 1} of ${cells.length}, ${cell.method}, seed ${cell.seed}`;
    const before = await finishedResults(out, cell);
    if (before) reporter.note(`${title}: finished before`);
    finished.push({ cell, results: before ?? await run(cell, title) });
  }
  const results = studyResults(definition, finished);
  await writeJsonAtomic(join(out, "study.json"), results);
  await writeFileAtomic(join(out, "study.md"), studyMarkdown(results));
  return results;

  async function run(cell: Cell, title: string): Promise<Results> {
    reporter.signal.throwIfAborted();
    const directory = cellDirectory(out, cell);
    const like = finished.find(({ cell: { config } }) => samePruning(config, cell.config));
    reporter.note(
      like ? `${title}: teacher and pruned model are those of ${like.cell.method}` : title,
    );
    const inCell: Reporter = {
      ...reporter,
      update: (progress) => reporter.update({ ...progress, stage: `${cell.name}: ${progress.stage}` }),
    };
    return await runDistill(openEngine, cell.config, directory, inCell, {
      known: like?.results,
      resume: true,
    });
  }
}
