/** `lapidary study`: methods compared over seeds. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { UsageError } from "../engine/mod.ts";
import type { Cell, StudyDefinition } from "../pipeline/study/mod.ts";
import type { Context, Run } from "./context.ts";
import { collect, parseIds } from "./parse.ts";
import { partsOf } from "./sources.ts";

/** What `study` is asked to do. */
export interface StudyRequest {
  readonly definition: StudyDefinition;
  /** Every method with every seed. */
  readonly cells: readonly Cell[];
  /** Directory of the study; finished cells that stand in it are kept. */
  readonly out: string;
  /** Tell which cells there are and which are finished instead of running. */
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** The study that is run where none is named. */
const USUAL = "pebble-losses";

/** Adds the command. */
export function addStudy(program: CommandUnknownOpts, context: Context, run: Run<StudyRequest>): void {
  program.command("study")
    .description("Run distill for several methods and seeds, and compare the methods with their errors")
    .argument("[study]", `pebble-losses, or a .json file with methods and seeds (default: ${USUAL})`)
    .option(
      "--vary <key=value,value...>",
      "in place of a study: values of a key; given again, every combination is a method",
      collect,
    )
    .option("--seeds <n,n>", "seeds in place of the study's (default with --vary: 1,2,3)", parseIds)
    .option("--baseline <method>", "what the others are compared with (default: the first method)")
    .option("--preset <name>", "what every cell starts from, in place of the study's (default: pebble)")
    .option("--teacher <model>", "model directory, .gguf file or name on the hub in place of the preset's")
    .option("--tokenizer <dir>", "tokenizer in place of the teacher's own: a directory or a name on the hub")
    .option("--repair", "mend a config.json whose layer_types were popped twice on saving")
    .option(
      "--data <file...>",
      "documents in place of the preset's: .txt, .jsonl, .parquet or data sets of the hub",
    )
    .option("--set <key=value...>", "set a key in every cell; may be given again", collect)
    .option("--out <dir>", "directory of the study (default: runs/study-NAME)")
    .option("--dry-run", "list the cells and which are finished, and stop")
    .option("--json", "write study.json to standard output")
    .addHelpText(
      "after",
      `
Every cell is a run in OUT/cells. A study that was stopped goes on when the same command is given again: a cell in the
middle of its training, and cells that are finished are not run again, as long as their configuration and the kernels are the same; data files are known by
their path alone. The tables are written to OUT/study.md, the numbers to OUT/study.json.

A study file:
  {"preset": "pebble", "seeds": [1, 2, 3], "baseline": "CE", "methods": {
    "CE": {"loss": {"kind": "cross_entropy", "alpha": 1}},
    "CE + KL": {"loss": {"kind": "forward_kl", "alpha": 0.5, "beta": 0.5}}}}

Examples:
  lapidary study
  lapidary study mine.json --seeds 1,2,3,4,5 --out runs/mine
  lapidary study --vary loss.kind=cross_entropy,forward_kl,jsd --vary prune.count=2,4
  lapidary study --vary importance.method=optipfair-0.2,block-influence --set train.max_steps=40`,
    )
    .action(async (study, flags) => {
      const { cellsOf, defineStudy, grid, readStudy } = await import("../pipeline/study/mod.ts");
      if (study !== undefined && flags.vary) {
        throw new UsageError(
          `Cannot take the methods both from ${study} and from --vary; write them into one study file`,
        );
      }
      const { preset, seeds, baseline } = flags, source = study ?? (flags.vary ? "--vary" : USUAL);
      const found = flags.vary ? { methods: grid(flags.vary), seeds: [1, 2, 3] } : await readStudy(source);
      const definition = defineStudy({
        ...found,
        ...(preset !== undefined && { preset }),
        ...(seeds && { seeds }),
        ...(baseline !== undefined && { baseline }),
      }, source);
      const cells = await cellsOf(definition, { flags: partsOf(flags), set: flags.set ?? [] });
      if (cells.some(({ config }) => config.teacher === null)) {
        throw new UsageError(
          `Cannot study the preset ${definition.preset}: it names no teacher; ` +
            "name a model directory, .gguf file or name on the hub with --teacher",
        );
      }
      const out = flags.out ?? `runs/study-${nameOf(source)}`;
      await run(
        { definition, cells, out, dryRun: flags.dryRun ?? false, json: flags.json ?? false },
        context,
      );
    });
}

/** Name of a study's directory: that of its file, or "grid". */
const nameOf = (source: string) =>
  source === "--vary" ? "grid" : source.replace(/^.*[/\\]/, "").replace(/\.json$/, "");
