/** The report of a finished run: report.html, and its charts as files. */
import { join } from "node:path";
import { writeFileAtomic } from "../../model/files/mod.ts";
import { reportPage } from "./page.ts";
import { readRun } from "./read.ts";

/**
 * Writes report.html into a finished run, in place of one that is there.
 *
 * @param run directory of the run
 * @throws {DataError} where it is no run, of another version, or lacks a log
 */
export async function writeReport(run: string): Promise<void> {
  const record = await readRun(run);
  await writeFileAtomic(join(run, "report.html"), reportPage(record));
}
