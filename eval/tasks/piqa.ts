import { z } from "zod";
import { accuracy, normalizedAccuracy } from "./metrics.ts";
import { choicesAfter, defineTask, labelBelow, someText, text } from "./task.ts";

/** PIQA (Bisk et al., 2020): which of two ways reaches a goal of everyday life. */
export const piqa = defineTask({
  name: "piqa",
  version: 1,
  source: { path: "baber/piqa", name: null, split: "validation" },
  row: z.object({ goal: text, sol1: someText, sol2: someText, label: labelBelow(2) }),
  item: ({ goal, sol1, sol2, label }) => ({
    requests: choicesAfter(`Question: ${goal}\nAnswer:`, [sol1, sol2]),
    gold: label,
    target: label,
  }),
  metrics: [accuracy, normalizedAccuracy],
});
