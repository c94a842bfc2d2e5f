/** `lapidary compare`: finished runs side by side. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { UsageError } from "../engine/mod.ts";
import type { Context, Run } from "./context.ts";

/** What `compare` is asked to do. */
export interface CompareRequest {
  /** Directories of runs; the first is what the others are held against. */
  readonly runs: readonly string[];
  readonly json: boolean;
}

/** Adds the command. */
export function addCompare(program: CommandUnknownOpts, context: Context, run: Run<CompareRequest>): void {
  program.command("compare")
    .description(
      "Finished runs side by side, their students paired item by item, and the settings that differ",
    )
    .argument("<run...>", "directories of runs; the first is what the others are held against")
    .option("--json", "write {runs, figures, differences, unpaired, settings} as JSON to standard output")
    .addHelpText(
      "after",
      `
Students are paired only where results.json shows by its hashes that the rows are the same.

Examples:
  lapidary compare runs/forward-kl runs/jsd
  lapidary compare --json runs/a runs/b runs/c`,
    )
    .action(async (runs, { json = false }) => {
      if (runs.length < 2) {
        throw new UsageError(`Cannot compare ${runs[0]} with nothing; name another run`);
      }
      await run({ runs, json }, context);
    });
}
