/** `lapidary train`: healing alone. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { UsageError } from "../engine/mod.ts";
import type { Config } from "../train/config/mod.ts";
import type { Context, Run } from "./context.ts";
import { collect, wholeNumber } from "./parse.ts";
import { requireRoom } from "./paths.ts";
import { required } from "./required.ts";
import { configOf, IN_FULL } from "./sources.ts";

/** What `train` is asked to do; `config.teacher` is null only where no loss needs one. */
export interface TrainRequest {
  readonly student: string;
  /** Directory of the trained model; it does not exist yet, unless the training is resumed. */
  readonly out: string;
  /** Go on with the training that was to write there. */
  readonly resume: boolean;
  readonly config: Config;
  readonly json: boolean;
}

/** Adds the command. */
export function addTrain(program: CommandUnknownOpts, context: Context, run: Run<TrainRequest>): void {
  program.command("train")
    .description("Train a student on every row of the data, beside a teacher")
    .option(
      "--teacher <model>",
      "model directory, .gguf file or name on the hub; not needed for loss.kind=cross_entropy",
    )
    .option(
      "--student <model>",
      "model directory, .gguf file or name on the hub that training starts from; required",
    )
    .option("--tokenizer <dir>", "tokenizer in place of the student's own: a directory or a name on the hub")
    .option("--repair", "mend a config.json whose layer_types were popped twice on saving")
    .option("--data <file...>", "documents: .txt, .jsonl, .parquet or data sets of the hub; required")
    .option("--out <dir>", "new directory for the trained model and its log; required")
    .option("--resume", "go on where the same training was stopped")
    .option("--preset <name>", "settings to start from: a built-in preset or a .json file")
    .option(
      "--set <key=value...>",
      'set a key of the configuration; may be given again ("config keys" lists them)',
      collect,
    )
    .option("--seed <n>", "root of every random choice", wholeNumber(0))
    .option("--json", "write the losses of the last step as JSON to standard output")
    .addHelpText(
      "after",
      `
Examples:
  lapidary train --teacher gemma-3-270m --student pruned --data texts.txt --out healed
  lapidary train --student pruned --data rows.jsonl --out healed --set loss.kind=cross_entropy --set train.lr=1e-4`,
    )
    .action(async (flags) => {
      const student = required(
        flags.student,
        "--student",
        "a model directory, .gguf file or name on the hub",
      );
      const out = required(flags.out, "--out", "a directory that does not exist yet");
      required(flags.data, "--data", "a .txt, .jsonl or .parquet file or a data set of the hub");
      const config = await configOf(flags, { data: { validation: 0, max_length: IN_FULL } });
      const needsTeacher = config.loss.kind !== "cross_entropy" && config.loss.beta > 0;
      if (needsTeacher && config.teacher === null) {
        throw new UsageError(
          `Cannot train with loss.kind=${config.loss.kind}: there is no teacher; ` +
            "name one with --teacher or set loss.kind=cross_entropy",
        );
      }
      const { resume = false } = flags;
      await requireRoom(out, resume);
      await run({ student, out, config, resume, json: flags.json ?? false }, context);
    });
}
