import { z } from "zod";
import { accuracy, normalizedAccuracy } from "./metrics.ts";
import { capitalize, strip } from "./python_text.ts";
import { choicesAfter, defineTask, labelBelow, someChoices, text } from "./task.ts";

/** Takes marks of the WikiHow part out: titles, brackets, and of each two spaces one. */
const clean = (raw: string): string =>
  strip(raw).replaceAll(" [title]", ". ").replaceAll(/\[[^\n]*?\]/g, "").replaceAll("  ", " ");

/** HellaSwag (Zellers et al., 2019): how a scene goes on. */
export const hellaswag = defineTask({
  name: "hellaswag",
  version: 1,
  source: { path: "Rowan/hellaswag", name: null, split: "validation" },
  row: z.object({
    activity_label: text,
    ctx_a: text,
    ctx_b: text,
    endings: someChoices.refine(
      (endings) => endings.every((ending) => clean(ending) !== ""),
      "has an ending of nothing but marks; give its text",
    ),
    // The published label is text, that of the original files a number.
    label: z.preprocess(
      (value) => typeof value === "string" && value !== "" ? Number(value) : value,
      labelBelow(4),
    ),
  }),
  item({ activity_label, ctx_a, ctx_b, endings, label }) {
    const query = clean(`${activity_label}: ${ctx_a} ${capitalize(ctx_b)}`), choices = endings.map(clean);
    return {
      requests: choicesAfter(query, choices),
      gold: label,
      target: label,
      derived: { query, choices, gold: label },
    };
  },
  metrics: [accuracy, normalizedAccuracy],
});
