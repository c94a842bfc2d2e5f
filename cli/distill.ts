/** `lapidary distill`: the whole pipeline. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { UsageError } from "../engine/mod.ts";
import type { Config } from "../train/config/mod.ts";
import type { Context, Run } from "./context.ts";
import { keepPattern } from "./importance.ts";
import { collect, wholeNumber } from "./parse.ts";
import { defaultRun, requireAbsent } from "./paths.ts";
import { configOf } from "./sources.ts";

/** What `distill` is asked to do. */
export interface DistillRequest {
  readonly config: Config;
  /** Directory of the run; it does not exist yet. */
  readonly run: string;
  /** Print configuration, Programs, memory and FLOPs instead of running. */
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Adds the command. */
export function addDistill(program: CommandUnknownOpts, context: Context, run: Run<DistillRequest>): void {
  program.command("distill")
    .description("Measure a teacher, prune it, heal the student by distillation, measure again, export")
    .option("--preset <name>", "pebble, pebble-quick, gem-3-mini, gem-3-small, or a .json file", "pebble")
    .option("--teacher <model>", "model directory or .gguf file in place of the preset's")
    .option("--tokenizer <dir>", "tokenizer in place of the teacher's own")
    .option("--repair", "mend a config.json whose layer_types were popped twice on saving")
    .option("--data <file...>", "documents in place of the preset's: .txt or .jsonl")
    .addOption(keepPattern("remove only blocks whose removal keeps Gemma 3's pattern"))
    .option("--run <dir>", "new directory for everything the run writes (default: runs/TIME-PRESET)")
    .option(
      "--set <key=value...>",
      'set a key of the configuration; may be given again ("config keys" lists them)',
      collect,
    )
    .option("--seed <n>", "root of every random choice", wholeNumber(0))
    .option("--dry-run", "print configuration, Programs, memory and FLOPs, and stop")
    .option("--json", "write the results as one JSON value to standard output")
    .addHelpText(
      "after",
      `
Examples:
  lapidary distill
  lapidary distill --preset gem-3-mini --teacher gemma-3-270m.gguf --tokenizer gemma-3-270m --data texts.txt
  lapidary distill --set loss.kind=jsd --set loss.skew=0.5 --seed 7 --run runs/jsd`,
    )
    .action(async (flags) => {
      const directory = flags.run ?? defaultRun(flags.preset, new Date());
      const config = await configOf(flags, {}, { prune: { keep_pattern: flags.keepPattern } });
      if (config.teacher === null) {
        throw new UsageError(
          `Cannot distil with the preset ${flags.preset}: it names no teacher; ` +
            "name a model directory or .gguf file with --teacher",
        );
      }
      await requireAbsent(directory, "--run");
      await run(
        { config, run: directory, dryRun: flags.dryRun ?? false, json: flags.json ?? false },
        context,
      );
    });
}
