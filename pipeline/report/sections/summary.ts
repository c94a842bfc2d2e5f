import { formatCount } from "../../format.ts";
import { html, type Markup } from "../html.ts";
import { decimals, intervalText, percent, perplexityText } from "../numbers.ts";
import type { RunRecord } from "../read.ts";
import { overControl, savedShare, verdict } from "../verdict.ts";

/** The verdict, and the figures that it rests on. */
export function summarySection({ name, results }: RunRecord): Markup {
  const { config, teacher, pruned, student, control, data, training } = results, over = overControl(results);
  const nats = (value: number) => decimals(value, 4);
  const tiles = [
    [
      "Parameters",
      `−${percent(savedShare(results))}`,
      `${formatCount(teacher.parameters)} to ${formatCount(student.parameters)}`,
    ],
    [
      "Perplexity",
      perplexityText(student.perplexity),
      `teacher ${perplexityText(teacher.perplexity)}, pruned ${perplexityText(pruned.perplexity)}`,
    ],
    [
      "Kept of the teacher's perplexity",
      `${decimals(results.perplexity_retention, 1)} %`,
      "teacher's over student's",
    ],
    ["Won back by healing", `${decimals(results.recovery, 1)} %`, "of the cross-entropy that pruning lost"],
    ...over
      ? [[
        "Student less control",
        nats(over.difference),
        `nats per token, 95 %: ${intervalText(over.interval, nats)}`,
      ]]
      : control
      ? [["Control's perplexity", perplexityText(control.perplexity), "trained by cross-entropy alone"]]
      : [],
  ] as const;
  return html`
    <header>
      <p class="eyebrow">Lapidary report: ${name}</p>
      <h1>${config.teacher ?? "teacher"}, ${teacher.layers} to ${student.layers} blocks</h1>
      <p class="verdict">${verdict(results)}</p>
      <dl class="tiles">
    ${tiles.map(([label, value, note]) =>
      html`
        <div>
          <dt>${label}</dt>
          <dd>${value}<small>${note}</small></dd>
        </div>
      `
    )}</dl>
      <p
        class="fine">${formatCount(data.training_rows)} rows trained on, ${formatCount(
          data.validation_rows,
        )} held out, ${training.student.steps} optimizer steps, ${formatCount(
          training.student.tokens,
        )} tokens, seed ${config
          .seed}. Intervals tell how much would change with other rows or items of the same kind; another seed or other training data are not in them.</p>
    </header>
  `;
}
