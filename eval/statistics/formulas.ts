/**
 * The arithmetic of published model cards of pruned and distilled models, in percent. Two of them print an "overall
 * retention" that is not the same average, so each formula here has the name of what it averages.
 */
import { mean } from "./standard_error.ts";

/**
 * Share of what pruning lost that training won back: 100 (student - pruned) / (teacher - pruned), and 0 where pruning
 * lost nothing, as the cards have it. Of scores, the larger the better; above 100 where the student beats its teacher.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { taskRecovery } from "./formulas.ts";
 *
 * assert.equal(taskRecovery({ teacher: 60, pruned: 40, student: 80 }), 200);
 * assert.equal(taskRecovery({ teacher: 60, pruned: 60, student: 80 }), 0);
 * ```
 */
export function taskRecovery(scores: { teacher: number; pruned: number; student: number }): number {
  const { teacher, pruned, student } = scores, lost = teacher - pruned;
  return lost <= 0 ? 0 : 100 * (student - pruned) / lost;
}

/** 100 teacher / student. Above 100 where the student predicts the text better, as it does once tuned on its like. */
export function perplexityRetention(perplexity: { teacher: number; student: number }): number {
  return 100 * perplexity.teacher / perplexity.student;
}

/** 100 mean(student) / mean(teacher): the ratio of the tasks' averages, so that a task counts by its score. */
export function capabilityRetention(teacher: readonly number[], student: readonly number[]): number {
  return 100 * mean(student) / mean(teacher);
}

/**
 * Mean of every task's own ratio and the perplexity's, each weighing the same: of six numbers with five tasks. A task that
 * the teacher has all wrong is left out. Card of gem-3-small.
 */
export function overallMeanOfRatios(
  teacher: readonly number[],
  student: readonly number[],
  perplexity: { teacher: number; student: number },
): number {
  const ratios = teacher.flatMap((score, i) => score > 0 ? [100 * student[i]! / score] : []);
  return mean([...ratios, perplexityRetention(perplexity)]);
}

/**
 * Mean of two numbers: capability retention and perplexity retention. What the card of gem-3-small says of its overall
 * retention, and what its notebooks' charts show.
 */
export function overallHalfAndHalf(
  teacher: readonly number[],
  student: readonly number[],
  perplexity: { teacher: number; student: number },
): number {
  return mean([capabilityRetention(teacher, student), perplexityRetention(perplexity)]);
}
