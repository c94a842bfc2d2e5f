/** `lapidary distill`: the whole pipeline. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { join } from "node:path";
import { UsageError } from "../engine/mod.ts";
import type { Config } from "../train/config/mod.ts";
import type { Context, Run } from "./context.ts";
import { keepPattern } from "./importance.ts";
import { collect, wholeNumber } from "./parse.ts";
import { defaultRun, exists, requireAbsent } from "./paths.ts";
import { configOf } from "./sources.ts";

/** What `distill` is asked to do. */
export interface DistillRequest {
  readonly config: Config;
  /** Directory of the run; it does not exist yet, unless the run is resumed. */
  readonly run: string;
  /** Go on with the run in that directory. */
  readonly resume: boolean;
  /** Print configuration, Programs, memory and FLOPs instead of running. */
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Adds the command. */
export function addDistill(program: CommandUnknownOpts, context: Context, run: Run<DistillRequest>): void {
  program.command("distill")
    .description("Measure a teacher, prune it, heal the student by distillation, measure again, export")
    .option(
      "--preset <name>",
      "pebble, pebble-quick, gem-3-mini, gem-3-small (also -replay, -15k, -40k), or a .json file (default: pebble)",
    )
    .option("--teacher <model>", "model directory, .gguf file or name on the hub in place of the preset's")
    .option("--tokenizer <dir>", "tokenizer in place of the teacher's own: a directory or a name on the hub")
    .option("--repair", "mend a config.json whose layer_types were popped twice on saving")
    .option(
      "--data <file...>",
      "documents in place of the preset's: .txt, .jsonl, .parquet or data sets of the hub",
    )
    .addOption(keepPattern("remove only blocks whose removal keeps Gemma 3's pattern"))
    .option("--run <dir>", "new directory for everything the run writes (default: runs/TIME-PRESET)")
    .option("--resume", "go on with the run in --run where it was stopped; what stands is not done again")
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
  lapidary distill --set loss.kind=jsd --set loss.skew=0.5 --seed 7 --run runs/jsd
  lapidary distill --run runs/jsd --resume`,
    )
    .action(async (flags) => {
      const { resume = false } = flags;
      const preset = flags.preset ?? (resume ? await settingsOf(flags.run) : undefined) ?? "pebble";
      const directory = flags.run ?? defaultRun(preset, new Date());
      const config = await configOf({ ...flags, preset }, {}, { prune: { keep_pattern: flags.keepPattern } });
      if (config.teacher === null) {
        throw new UsageError(
          `Cannot distil with the preset ${preset}: it names no teacher; ` +
            "name a model directory, .gguf file or name on the hub with --teacher",
        );
      }
      if (!resume) await requireAbsent(directory, "--run", "go on with it by --resume");
      await run(
        { config, run: directory, resume, dryRun: flags.dryRun ?? false, json: flags.json ?? false },
        context,
      );
    });
}

/** The settings of the run that is gone on with, as a preset. @throws UsageError where there is none */
async function settingsOf(run: string | undefined): Promise<string> {
  const path = run === undefined ? undefined : join(run, "config.resolved.json");
  if (path !== undefined && await exists(path)) return path;
  throw new UsageError(
    run === undefined
      ? "Cannot resume: there is no run; name its directory with --run"
      : `Cannot resume ${run}: it has no config.resolved.json; check --run, or name a --preset to begin there`,
  );
}
