import { mean, plainSentenceOfScores, standardErrorOfProportion } from "../../eval/statistics/mod.ts";
import { type Finding, findingsOf } from "./findings.ts";
import { intervalsOf } from "./intervals.ts";
import { type Items, itemsOf } from "./items.ts";
import type { PublishedCard, PublishedScores } from "./published.ts";

/** All that a card's numbers say about themselves. */
export interface CardCheck {
  readonly findings: readonly Finding[];
  /** Items in each task; null where neither the card nor its scores tell. */
  readonly items: Items | null;
  /** What n means for the scores, one sentence each. */
  readonly sentences: readonly string[];
  /** What the card does not have, so that it was not checked. */
  readonly missing: readonly string[];
}

/** Computes a card's arithmetic again. */
export function checkCard(card: PublishedCard): CardCheck {
  const items = itemsOf(card) ?? null, intervals = items ? intervalsOf(card, items.n) : undefined;
  const findings = findingsOf(card, intervals);
  return { findings, items, sentences: items ? sentencesOf(card, items) : [], missing: missingOf(card) };
}

function sentencesOf(card: PublishedCard, { n, known }: Items): string[] {
  const { scores } = card, points = (share: number) => `${share.toFixed(1)} points`;
  const errors = scores.map(({ teacher }) =>
    100 * (standardErrorOfProportion(teacher.value / 100, n) ?? NaN)
  );
  const ofMean = Math.hypot(...errors) / scores.length;
  const all: PublishedScores[] = scores.filter(({ teacher, student }) => teacher.value !== student.value);
  const on = (row: PublishedScores) => ({ names: ["student", "teacher"] as const, on: row.task });
  return [
    known === "the card says so"
      ? `The card says that each task has ${n} items.`
      : `All ${scores.length} tasks' scores are multiples of ${+(100 / n).toFixed(
        2,
      )} %, so each task has ${n} items ` +
        "(or a multiple of that).",
    `Standard error of the teacher's scores: up to ${points(Math.max(...errors))} a task, ${
      points(ofMean)
    } on their mean.`,
    ...all.map((row) => plainSentenceOfScores(on(row), [row.student.value, row.teacher.value], n)),
    plainSentenceOfScores(
      { names: ["student", "teacher"], on: `all ${scores.length} tasks together` },
      [mean(scores.map(({ student }) => student.value)), mean(scores.map(({ teacher }) => teacher.value))],
      n * scores.length,
    ),
  ];
}

function missingOf(
  { claims, perplexity, average, scores, trainingLoss, reduction }: PublishedCard,
): string[] {
  const missing = (value: unknown, text: string) => value ? [] : [text];
  const hasRecovery = scores.some(({ recovery, pruned }) => recovery && pruned);
  return [
    ...missing(perplexity.teacher && perplexity.student, "perplexities of teacher and student"),
    ...missing(claims.perplexity, "a claimed perplexity retention"),
    ...missing(claims.capability, "a claimed capability retention"),
    ...missing(claims.overall, "a claimed overall retention"),
    ...missing(hasRecovery, "recovery by task, with a column for the pruned model"),
    ...missing(average, "a line with the tasks' average"),
    ...missing(reduction, "a parameter reduction"),
    ...missing(trainingLoss, "a training loss"),
    ...missing(
      itemsOf({ scores } as PublishedCard),
      "the number of items of each task, nor scores coarse enough to tell",
    ),
  ];
}
