import { z } from "zod";
import { greedyAccuracy, perplexity } from "./metrics.ts";
import { defineTask, text } from "./task.ts";

/** LAMBADA (Paperno et al., 2016) as OpenAI rendered it: the last word of a passage. */
export const lambadaOpenai = defineTask({
  name: "lambada_openai",
  version: 1,
  source: { path: "EleutherAI/lambada_openai", name: "default", split: "test" },
  row: z.object({
    text: text.refine(
      (passage) => /[^ ]$/.test(passage),
      "ends without a word; take the space at its end away",
    ),
  }),
  item({ text: passage }) {
    const words = passage.split(" "), target = ` ${words.at(-1)}`;
    return { requests: [{ context: words.slice(0, -1).join(" "), continuation: target }], target };
  },
  metrics: [perplexity, greedyAccuracy],
});
