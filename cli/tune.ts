/** `lapidary tune`: kernels for this machine by measurement. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Context, Run } from "./context.ts";
import { wholeNumber } from "./parse.ts";

/** What `tune` is asked to do. */
export interface TuneRequest {
  /** Time to spend. */
  readonly seconds: number;
  readonly json: boolean;
}

/** Adds the command. */
export function addTune(program: CommandUnknownOpts, context: Context, run: Run<TuneRequest>): void {
  program.command("tune")
    .description("Choose the kernels of products for this machine by measurement, and remember them")
    .option("--seconds <n>", "time to spend (default: 120)", wholeNumber(1))
    .option("--json", "write what was found as one JSON value to standard output")
    .addHelpText(
      "after",
      `
What is found is kept in LAPIDARY_CACHE, else in lapidary/ in the user's cache, and used by every command on this
adapter with this driver. LAPIDARY_TUNE=off keeps the usual kernels.

Examples:
  lapidary tune
  lapidary tune --seconds 30 --json`,
    )
    .action(async ({ seconds = 120, json = false }) => {
      await run({ seconds, json }, context);
    });
}
