/** `lapidary report`: the page and the pictures of a finished run, again. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Context } from "./context.ts";

/** Adds the command. */
export function addReport(program: CommandUnknownOpts, { io, progress }: Context): void {
  program.command("report")
    .description("Write report.html and pictures/ of a finished run again")
    .argument("<run>", "directory of a run that distill finished")
    .addHelpText(
      "after",
      `
Reads results.json and the logs of the run. The page is one file and asks for nothing from the network; each chart is
in pictures/ too, as SVG and as PNG.

Examples:
  lapidary report runs/2026-01-31T12-00-00-pebble`,
    )
    .action(async (run) => {
      const { writeReport } = await import("../pipeline/report/mod.ts");
      await writeReport(run);
      progress.end();
      io.stdout(`Written to ${run}: report.html, pictures/\n`);
    });
}
