/** `lapidary importance`: how much each block changes what flows through it. */
import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { UsageError } from "../engine/mod.ts";
import type { Config } from "../train/config/mod.ts";
import type { Context, Run } from "./context.ts";
import { wholeNumber } from "./parse.ts";
import { required } from "./required.ts";
import { configOf, IN_FULL } from "./sources.ts";

/** The definitions of importance, for flags; `importance.method` of the configuration. */
export const METHODS = ["optipfair-0.2", "optipfair-0.4", "block-influence"] as const;

/** What `importance` is asked to do; `config.importance`, `.data` and `.tokenizer` say how. */
export interface ImportanceRequest {
  readonly model: string;
  readonly config: Config;
  /** Choose blocks by `config.prune` too. */
  readonly choose: boolean;
  /** Write `{method, scores[], order[], chosen[]?}` in place of a table. */
  readonly json: boolean;
}

/** Adds the command. */
export function addImportance(
  program: CommandUnknownOpts,
  context: Context,
  run: Run<ImportanceRequest>,
): void {
  program.command("importance")
    .description("Score every block of a model and order them, least important first")
    .option("--model <model>", "model directory, .gguf file or name on the hub; required")
    .option("--tokenizer <dir>", "tokenizer in place of the model's own: a directory or a name on the hub")
    .option("--repair", "mend a config.json whose layer_types were popped twice on saving")
    .option("--data <file...>", "documents: .txt, .jsonl, .parquet or data sets of the hub; required")
    .addOption(
      new Option("--method <name>", "definition of importance (default: optipfair-0.2)").choices(METHODS),
    )
    .option("--batch-size <n>", "rows in a batch (default: 16)", wholeNumber(1))
    .option("--max-length <n>", "cut rows to this many tokens (default: 32768)", wholeNumber(2))
    .addOption(
      new Option("--padding-side <side>", "where pads stand (default: left)").choices(
        ["left", "right"] as const,
      ),
    )
    .addOption(keepPattern("also choose the least important blocks whose removal keeps Gemma 3's pattern"))
    .option("--count <n>", "number of blocks that --keep-pattern chooses (default: 4)", wholeNumber(1))
    .option("--json", "write {method, scores, order} as JSON to standard output")
    .addHelpText(
      "after",
      `
Examples:
  lapidary importance --model gemma-3-270m --data texts.txt
  lapidary importance --model gemma-3-270m --data rows.jsonl --method block-influence --json
  lapidary importance --model gemma-3-270m --data texts.txt --keep-pattern --count 4`,
    )
    .action(async (flags) => {
      const model = required(flags.model, "--model", "a model directory, .gguf file or name on the hub");
      required(flags.data, "--data", "a .txt, .jsonl or .parquet file or a data set of the hub");
      const importance = {
        method: flags.method,
        batch_size: flags.batchSize,
        padding_side: flags.paddingSide,
      };
      const { keepPattern: choose = false, count, json = false } = flags;
      if (count !== undefined && !choose) {
        throw new UsageError(
          "Cannot use --count alone: it says how many blocks --keep-pattern chooses; add that",
        );
      }
      const prune = { count, keep_pattern: choose };
      const config = await configOf(flags, { data: { max_length: IN_FULL } }, { importance, prune });
      await run({ model, config, choose, json }, context);
    });
}

/** `--keep-pattern` of the commands that choose blocks. */
export function keepPattern(description: string) {
  return new Option("--keep-pattern", `${description} (every 6th block full), as older runtimes need it`);
}
