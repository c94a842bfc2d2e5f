/** report.html: one file that asks for nothing else. */
import { STYLE } from "../svg/mod.ts";
import { figuresOf } from "./figures.ts";
import { documentOf } from "./document.ts";
import { html, type Markup } from "./html.ts";
import type { RunRecord } from "./read.ts";
import { modelsSection } from "./sections/models.ts";
import { samplesSection } from "./sections/samples.ts";
import { settingsSection } from "./sections/settings.ts";
import { summarySection } from "./sections/summary.ts";
import { figureSection } from "./sections/figure.ts";
import { comparisonsTable, tasksTable } from "./sections/tables.ts";
import style from "./report.css" with { type: "text" };

/** The page of a run. */
export function reportPage(record: RunRecord): string {
  const { results, name } = record, figures = figuresOf(record);
  const figure = (wanted: keyof typeof figures, heading: string, ...more: Markup[]) =>
    figures[wanted] ? figureSection(heading, figures[wanted], ...more) : [];
  const sections = [
    summarySection(record),
    modelsSection(results),
    figure("perplexity", "Perplexity"),
    figure("importance", "Importance of each block"),
    figure("tasks", "Tasks", tasksTable(results)),
    figure("differences", "The student against the others", comparisonsTable(results)),
    figure("training", "Training"),
    figure("time", "Time"),
    figure("memory", "Memory"),
    samplesSection(results),
    settingsSection(results),
  ];
  return documentOf({
    title: `${name}: Lapidary report`,
    style: STYLE + style,
    body: html`<main>${sections}</main>`,
  });
}
