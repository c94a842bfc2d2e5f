/** `lapidary pretrain`: Pebble's teacher, again from nothing. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Context, Run } from "./context.ts";
import { wholeNumber } from "./parse.ts";
import { defaultRun, requireRoom } from "./paths.ts";

/** What `pretrain` is asked to do. */
export interface PretrainRequest {
  /** Directory of the teacher; it does not exist yet. */
  readonly out: string;
  /** Seed of weights and data; undefined for the one of the shipped teacher. */
  readonly seed: number | undefined;
  /** Optimizer steps; undefined for as many as the shipped teacher had. */
  readonly steps: number | undefined;
  /** Go on with the training that was to write there. */
  readonly resume: boolean;
  readonly json: boolean;
}

/** Adds the command. */
export function addPretrain(program: CommandUnknownOpts, context: Context, run: Run<PretrainRequest>): void {
  program.command("pretrain")
    .description("Train Pebble's teacher again from nothing")
    .option("--out <dir>", "new directory for the teacher and its log (default: runs/TIME-pretrain)")
    .option("--seed <n>", "seed of weights and data (default: that of the shipped teacher)", wholeNumber(0))
    .option("--steps <n>", "optimizer steps (default: as many as the shipped teacher had)", wholeNumber(1))
    .option("--resume", "go on where the same training was stopped, in --out")
    .option("--json", "write the results as one JSON value to standard output")
    .addHelpText(
      "after",
      "\nExamples:\n  lapidary pretrain\n  lapidary pretrain --out short --steps 100",
    )
    .action(async ({ seed, steps, json = false, resume = false, ...flags }) => {
      const out = flags.out ?? defaultRun("pretrain", new Date());
      await requireRoom(out, resume);
      await run({ out, seed, steps, resume, json }, context);
    });
}
