import { z } from "zod";
import { accuracy } from "./metrics.ts";
import { strip } from "./python_text.ts";
import { defineTask, someText, text } from "./task.ts";

/**
 * WinoGrande (Sakaguchi et al., 2019): who of two is meant. The options stand in the context, and what follows the gap is
 * scored: the same words after each.
 */
export const winogrande = defineTask({
  name: "winogrande",
  version: 1,
  source: { path: "allenai/winogrande", name: "winogrande_xl", split: "validation" },
  row: z.object({
    sentence: text.refine((sentence) => sentence.includes("_"), "has no gap; mark it with _").refine(
      (sentence) => strip(sentence.slice(sentence.indexOf("_") + 1)) !== "",
      "ends at its gap; give the words behind it, which are scored",
    ),
    option1: someText,
    option2: someText,
    answer: z.enum(["1", "2"], 'is out of range; give "1" or "2"'),
  }),
  item({ sentence, option1, option2, answer }) {
    const gap = sentence.indexOf("_"),
      before = sentence.slice(0, gap),
      after = strip(sentence.slice(gap + 1));
    return {
      requests: [option1, option2].map((option) => ({
        context: before + option,
        continuation: ` ${after}`,
      })),
      gold: Number(answer) - 1,
      target: after,
    };
  },
  metrics: [accuracy],
});
