import { formatCount } from "../../format.ts";
import { html, type Markup } from "../html.ts";
import { decimals, intervalText, perplexityText } from "../numbers.ts";
import type { RunRecord } from "../read.ts";
import { overControl, savedShare, verdict } from "../verdict.ts";

/** The verdict, and the figures that it rests on. */
export function summarySection(record: RunRecord): Markup {
  const { name, results } = record;
  const { config, teacher, student, data, training } = results;
  const facts = [
    `${formatCount(data.training_rows)} rows trained on`,
    `${formatCount(data.validation_rows)} held out`,
    `${formatCount(training.student.steps)} optimizer steps`,
    `${formatCount(training.student.tokens)} tokens`,
    `seed ${config.seed}`,
  ];
  return html`
    <header>
      <p class="eyebrow">Lapidary report: ${name}</p>
      <h1>${config.teacher ?? "teacher"}, ${teacher.layers} to ${student.layers} blocks</h1>
      <p class="verdict">${verdict(results)}</p>
      <dl class="tiles">${tiles(record)}</dl>
      <p class="fine">${facts.join(", ")}. Intervals tell what other rows or items of the same kind might have
      given; another seed or other training data might differ by more.</p>
    </header>
  `;
}

function tiles({ results, heldOut }: RunRecord): Markup[] {
  const { teacher, pruned, student, control } = results, over = overControl(results);
  const nats = (value: number) => decimals(value, 4), share = (value: number) => decimals(value, 1);
  const lead = over
    ? tile(
      "Student less control",
      nats(over.difference),
      `nats per token, 95 %: ${intervalText(over.interval, nats)}`,
    )
    : control && tile("Control", perplexityText(control.perplexity), "perplexity without a teacher");
  return [
    tile(
      "Parameters",
      decimals(-100 * savedShare(results), 1) + " %",
      `${formatCount(teacher.parameters)} to ${formatCount(student.parameters)}`,
    ),
    tile(
      "Perplexity",
      perplexityText(student.perplexity),
      `teacher ${perplexityText(teacher.perplexity)}, pruned ${perplexityText(pruned.perplexity)}`,
    ),
    tile(
      "Kept",
      `${share(heldOut.retention.value)} %`,
      `teacher's perplexity over student's; 95 %: ${intervalText(heldOut.retention.interval, share)}`,
    ),
    tile(
      "Won back",
      `${share(heldOut.recovery.value)} %`,
      `of the cross-entropy lost by pruning; 95 %: ${intervalText(heldOut.recovery.interval, share)}`,
    ),
    ...lead ? [lead] : [],
  ];
}

const tile = (label: string, value: string, note: string): Markup =>
  html`
    <div>
      <dt>${label}</dt>
      <dd>${value}<small>${note}</small></dd>
    </div>
  `;
