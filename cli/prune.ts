/** `lapidary prune`: a smaller model that loads. */
import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { UsageError } from "../engine/mod.ts";
import type { Config } from "../train/config/mod.ts";
import type { Context, Run } from "./context.ts";
import { keepPattern, METHODS } from "./importance.ts";
import { parseBlocks, wholeNumber } from "./parse.ts";
import { requireAbsent } from "./paths.ts";
import { required } from "./required.ts";
import { configOf, IN_FULL } from "./sources.ts";

/** What `prune` is asked to do; `config.prune` says which blocks or how many, `config.dtype` the type of the weights. */
export interface PruneRequest {
  readonly model: string;
  /** Directory of the new model; it does not exist yet. */
  readonly out: string;
  readonly config: Config;
  readonly json: boolean;
}

/** Adds the command. */
export function addPrune(program: CommandUnknownOpts, context: Context, run: Run<PruneRequest>): void {
  program.command("prune")
    .description("Remove blocks from a model and write what is left as a model directory")
    .option("--model <model>", "model directory, .gguf file or name on the hub; required")
    .option("--tokenizer <dir>", "tokenizer in place of the model's own: a directory or a name on the hub")
    .option("--repair", "mend a config.json whose layer_types were popped twice on saving")
    .option("--out <dir>", "new directory for the smaller model; required")
    .addOption(new Option("--drop <blocks>", "blocks to remove, from 0: 9,8,14,16").argParser(parseBlocks))
    .addOption(
      new Option("--count <n>", "remove the n least important blocks; needs --data").argParser(wholeNumber(1))
        .conflicts("drop"),
    )
    .addOption(
      keepPattern("with --count: only blocks whose removal keeps Gemma 3's pattern").conflicts("drop"),
    )
    .addOption(
      new Option("--method <name>", "definition of importance (default: optipfair-0.2)").choices(METHODS),
    )
    .option(
      "--data <file...>",
      "documents that importance is measured on: .txt, .jsonl, .parquet or data sets of the hub",
    )
    .option("--json", "write {drop, layers, parameters} as JSON to standard output")
    .addHelpText(
      "after",
      `
Examples:
  lapidary prune --model gemma-3-270m --drop 9,8,14,16 --out pruned
  lapidary prune --model gemma-3-270m --count 4 --data texts.txt --out pruned
  lapidary prune --model gemma-3-270m --count 4 --keep-pattern --data texts.txt --out pruned`,
    )
    .action(async (flags) => {
      const { drop, count, keepPattern, method, json = false } = flags;
      const model = required(flags.model, "--model", "a model directory, .gguf file or name on the hub");
      const out = required(flags.out, "--out", "a directory that does not exist yet");
      if (drop === undefined && count === undefined) {
        throw new UsageError(
          "Cannot prune: neither --drop nor --count says which blocks go; give --drop 9,8,14,16 or --count 4",
        );
      }
      if (count !== undefined && flags.data === undefined) {
        throw new UsageError(
          "Cannot find the least important blocks: there is no data; name a file with --data",
        );
      }
      const prune = drop === undefined ? { count, keep_pattern: keepPattern } : { drop };
      const command = { data: { max_length: IN_FULL } };
      const config = await configOf(flags, command, { prune, importance: { method } });
      await requireAbsent(out, "--out");
      await run({ model, out, config, json }, context);
    });
}
