/** `lapidary perplexity`: how well a model predicts a text. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Config } from "../train/config/mod.ts";
import type { Context, Run } from "./context.ts";
import { wholeNumber } from "./parse.ts";
import { requireAbsent } from "./paths.ts";
import { required } from "./required.ts";
import { configOf, IN_FULL } from "./sources.ts";

/** What `perplexity` is asked to do. */
export interface PerplexityRequest {
  readonly model: string;
  readonly config: Config;
  /** File for each token's loss; it does not exist yet. */
  readonly tokenLosses: string | undefined;
  /** Write `{perplexity, cross_entropy, tokens}` in place of a sentence. */
  readonly json: boolean;
}

/** Adds the command. */
export function addPerplexity(
  program: CommandUnknownOpts,
  context: Context,
  run: Run<PerplexityRequest>,
): void {
  program.command("perplexity")
    .description("Perplexity, mean cross-entropy and number of scored tokens")
    .option("--model <model>", "model directory, .gguf file or name on the hub; required")
    .option("--tokenizer <dir>", "tokenizer in place of the model's own: a directory or a name on the hub")
    .option("--repair", "mend a config.json whose layer_types were popped twice on saving")
    .option("--data <file...>", "documents: .txt, .jsonl, .parquet or data sets of the hub; required")
    .option("--max-length <n>", "cut rows to this many tokens (default: 32768)", wholeNumber(2))
    .option("--batch-size <n>", "rows computed at once (default: 8)", wholeNumber(1))
    .option("--token-losses <file>", "new file for each token's loss, one JSON line a row")
    .option("--json", "write {perplexity, cross_entropy, tokens} as JSON to standard output")
    .addHelpText(
      "after",
      `
Examples:
  lapidary perplexity --model gemma-3-270m --data texts.txt
  lapidary perplexity --model pruned --data rows.jsonl --token-losses losses.jsonl --json`,
    )
    .action(async (flags) => {
      const { tokenLosses, json = false } = flags;
      const model = required(flags.model, "--model", "a model directory, .gguf file or name on the hub");
      required(flags.data, "--data", "a .txt, .jsonl or .parquet file or a data set of the hub");
      const evaluate = { batch_size: flags.batchSize };
      const config = await configOf(flags, { data: { validation: 0, max_length: IN_FULL } }, { evaluate });
      if (tokenLosses !== undefined) await requireAbsent(tokenLosses, "--token-losses");
      await run({ model, config, tokenLosses, json }, context);
    });
}
