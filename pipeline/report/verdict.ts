/** What came of a run, in words. */
import type { Comparison, Results } from "../results.ts";
import { comparisonOf } from "./figures/differences.ts";
import type { Interval } from "../../eval/statistics/mod.ts";
import { decimals, intervalText, listText, percent, perplexityText } from "./numbers.ts";

/** Share of the teacher's parameters that the student does without. */
export const savedShare = ({ teacher, student }: Results): number =>
  1 - student.parameters / teacher.parameters;

/** The student's held-out cross-entropy less the control's, if both were measured on the same rows. */
export const overControl = (results: Results): Comparison | undefined =>
  comparisonOf(results, ["student", "control"], "held_out", "cross_entropy");

/** What was removed, what it cost, what healing won back, and whether distillation itself helped: one sentence. */
export function verdict(results: Results): string {
  return `${removed(results)}, ${cost(results)}; ${healing(results)}; ${distillation(results)}.`;
}

function removed({ drop, teacher, ...results }: Results): string {
  const blocks = drop.toSorted((a, b) => a - b);
  return `Without ${blocks.length === 1 ? "block" : "blocks"} ${
    listText(blocks)
  } (${blocks.length} of ${teacher.layers}, ${
    percent(savedShare({ teacher, drop, ...results }))
  } of the parameters)`;
}

function cost({ teacher, pruned, data }: Results): string {
  const where = data.validation_rows > 0 ? "held-out text" : "the training rows (none were held out)";
  const [before, after] = [teacher, pruned].map(({ perplexity }) => perplexityText(perplexity));
  return pruned.perplexity > teacher.perplexity
    ? `perplexity on ${where} rose from ${before} to ${after}`
    : `perplexity on ${where} did not rise: ${before} before, ${after} after`;
}

function healing({ teacher, pruned, student, recovery }: Results): string {
  const reached = perplexityText(student.perplexity);
  if (student.perplexity >= pruned.perplexity) return `healing did not lower it: ${reached}`;
  return pruned.perplexity > teacher.perplexity
    ? `healing brought it to ${reached} and won back ${decimals(recovery, 1)} % of the lost cross-entropy`
    : `healing brought it to ${reached}`;
}

function distillation(results: Results): string {
  const { loss } = results.config;
  if (loss.kind === "cross_entropy" || loss.beta === 0) {
    return "the student learned by cross-entropy alone, so distillation had no part in it";
  }
  if (!results.control) return "whether distillation itself helped is not known, as no control was trained";
  const compared = overControl(results);
  if (!compared) return "whether distillation itself helped is not known, as the control was not compared";
  const { difference, interval } = compared, nats = (value: number) => decimals(value, 4);
  if (!interval) return "whether distillation itself helped is not known, as there are too few held-out rows";
  const [low, high] = interval;
  const distance = (interval: Interval) =>
    `${nats(Math.abs(difference))} nats per token (95 % interval ${intervalText(interval, nats)})`;
  if (high < 0) {
    return `distillation itself helped: the student's cross-entropy is below that of the control, trained without a ` +
      `teacher, by ${distance([-high, -low])}`;
  }
  if (low > 0) {
    return `distillation itself did harm: the student's cross-entropy is above that of the control, trained without a ` +
      `teacher, by ${distance(interval)}`;
  }
  return `whether distillation itself helped cannot be told: the student's cross-entropy less that of the control, ` +
    `trained without a teacher, is ${nats(difference)} nats per token, and its 95 % interval, ${
      intervalText(interval, nats)
    }, holds 0`;
}
