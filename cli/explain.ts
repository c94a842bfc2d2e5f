/** `lapidary explain`: one token's way through a model, and with `--backward` through a training step. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { UsageError } from "../engine/mod.ts";
import type { ExplainRequest } from "../pipeline/explain/mod.ts";
import type { Context, Run } from "./context.ts";
import { collect, parseBlocks, wholeNumber } from "./parse.ts";
import { configOf } from "./sources.ts";

/** What `explain` is asked to show. */
export interface ExplainCommand {
  readonly request: ExplainRequest;
  readonly json: boolean;
}

/** Adds the command. */
export function addExplain(program: CommandUnknownOpts, context: Context, run: Run<ExplainCommand>): void {
  program.command("explain")
    .description(
      "Follow one token from its id to its loss: formulas, shapes, sums by hand, and what f64 says",
    )
    .argument("<text>", "text of at most 128 tokens")
    .option("--model <model>", "model directory, .gguf file or name on the hub", "pebble")
    .option("--tokenizer <dir>", "tokenizer in place of the model's own")
    .option("--repair", "mend a config.json whose layer_types were popped twice on saving")
    .option("--token <n>", "token to follow, from 0, BOS counted (default: the last but one)", wholeNumber(0))
    .option("--layer <n>", "block to show in full (default: 0)", wholeNumber(0))
    .option("--op <name>", "only stops of this op, such as attention or rope.backward")
    .option("--backward", "a training step: both losses' gradients, the way back, AdamW at one weight")
    .option(
      "--drop <blocks>",
      "with --backward: blocks the student goes without (default: the 4 least important)",
      parseBlocks,
    )
    .option(
      "--set <key=value...>",
      "with --backward: loss.*, train.* or prune.*; may be given again",
      collect,
    )
    .option("--json", "write {tokens, token, layer, stream, stops, ...} as JSON to standard output")
    .addHelpText(
      "after",
      `
Examples:
  lapidary explain "Mia gave the cup to Tina. Now the cup is with Tina."
  lapidary explain "Mia has a cup." --op attention --layer 5 --token 4
  lapidary explain "Mia has a cup." --backward --set loss.kind=legacy-v1
  lapidary explain "The capital of France is Paris" --model gemma-3-270m.gguf --op logits`,
    )
    .action(async (text, { model, token, layer, op, backward = false, drop, json = false, ...flags }) => {
      if (!backward && (drop || flags.set)) {
        throw new UsageError(
          `Cannot use ${drop ? "--drop" : "--set"} where nothing is trained; add --backward`,
        );
      }
      const loss = { kind: "forward_kl", alpha: 0.5, beta: 0.5, temperature: 2 } as const;
      const config = await configOf(flags, { loss, prune: { count: 4 }, train: { lr: 1e-3 } }, {
        prune: { drop },
      });
      await run({ request: { model, text, token, layer, op, backward, config }, json }, context);
    });
}
