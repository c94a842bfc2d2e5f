import { z } from "zod";
import { accuracy, normalizedAccuracy } from "./metrics.ts";
import { choicesAfter, defineTask, someChoices, text } from "./task.ts";

/** ARC-Easy (Clark et al., 2018): questions of school science with three to five choices. */
export const arcEasy = defineTask({
  name: "arc_easy",
  version: 1,
  source: { path: "allenai/ai2_arc", name: "ARC-Easy", split: "test" },
  row: z.object({
    question: text,
    choices: z.object({ text: someChoices, label: z.array(text) }),
    answerKey: text,
  }).refine(({ choices }) => choices.label.length === choices.text.length, {
    path: ["choices", "label"],
    error: "has another length than choices.text; give each choice a label",
  }).refine(({ choices, answerKey }) => choices.label.includes(answerKey), {
    path: ["answerKey"],
    error: "is out of range; give one of choices.label",
  }),
  item({ question, choices, answerKey }) {
    const gold = choices.label.indexOf(answerKey);
    return { requests: choicesAfter(`Question: ${question}\nAnswer:`, choices.text), gold, target: gold };
  },
  metrics: [accuracy, normalizedAccuracy],
});
