/** Studies: methods compared over seeds, each cell a run. */
export { type Cell, cellDirectory, cellsOf, finishedResults } from "./cells.ts";
export { defineStudy, grid, readStudy, STUDIES, type StudyDefinition } from "./definition.ts";
export { studyMarkdown } from "./markdown.ts";
export { runStudy } from "./run.ts";
export type { StudyResults } from "./summary.ts";
