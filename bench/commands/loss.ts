import { benchLoss } from "../loss.ts";
import { GEMMA_270M } from "../models.ts";
import { withFlags } from "./define.ts";
import { count } from "./options.ts";

/** `bench loss`. */
export const loss = withFlags({ tokens: 1024, words: GEMMA_270M.config.vocabSize }, {
  name: "loss",
  description: "the loss over a whole vocabulary with both gradients, fused beside unfused: memory and time",
  examples: "./lapidary bench loss --out mine\n  ./lapidary bench loss --tokens 2048 --words 32768",
  flags: (command) => {
    command.option("--tokens <n>", "positions (default: 1024)", count)
      .option("--words <n>", "size of the vocabulary (default: 262144)", count);
  },
  run: async ({ engine, effort, add }, { tokens, words }) =>
    add(await benchLoss(engine, { N: tokens, C: GEMMA_270M.config.hiddenSize, V: words }, effort)),
});
