/** The report of a finished run: one page, and its charts as files. */
import { join } from "node:path";
import { writeFileAtomic } from "../../model/files/mod.ts";
import { RUN_FILES } from "../run_files.ts";
import { reportPage } from "./page.ts";
import { writePictures } from "./pictures.ts";
import { readRun } from "./read.ts";
import style from "./report.css" with { type: "text" };

export { documentOf } from "./document.ts";
export { html, Markup } from "./html.ts";

/** How pages look: their colours, light and dark, and their texts. */
export const REPORT_STYLE: string = style;

/**
 * Writes report.html and pictures/ into a finished run, in place of those that are there.
 *
 * @param run directory of the run
 * @throws {DataError} where it is no run, of another version, or lacks a log
 */
export async function writeReport(run: string): Promise<void> {
  const record = await readRun(run);
  await writeFileAtomic(join(run, RUN_FILES.report), reportPage(record));
  await writePictures(record, join(run, RUN_FILES.pictures));
}
