import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { basename } from "node:path";
import { UsageError } from "../../engine/mod.ts";
import { writeFileAtomic } from "../../model/files/mod.ts";
import { readResults, RESULTS } from "../results.ts";
import { ladderChart } from "../svg/ladder.ts";
import { rooflineChart } from "../svg/roofline.ts";
import { OK, type Streams } from "./options.ts";

/** Adds `bench charts NAME`. */
export function addCharts(
  program: CommandUnknownOpts,
  streams: Streams,
  finish: (code: number) => void,
): void {
  program.command("charts")
    .description("draws results as SVG: the ladder (bars) and the roofline (ops under the limits)")
    .argument("<name>", "results: a name in bench/results, or the path of a .jsonl file")
    .addHelpText(
      "after",
      `
Writes bench/results/NAME-ladder.svg and NAME-roofline.svg, of the latest run of each row; the same results give the
same bytes.

Examples:
  ./lapidary bench all --out mine && ./lapidary bench charts mine

Exit codes: 0 written, 1 the file is damaged, 2 usage`,
    )
    .action(async (name) => {
      const results = await readResults(name), base = basename(name, ".jsonl");
      const charts = { ladder: ladderChart(results), roofline: rooflineChart(results) };
      let written = 0;
      for (const [kind, chart] of Object.entries(charts)) {
        if (chart === undefined) continue;
        const path = `${RESULTS}/${base}-${kind}.svg`;
        await writeFileAtomic(path, chart);
        streams.stdout(`bench/results/${base}-${kind}.svg\n`);
        written++;
      }
      if (written === 0) {
        throw new UsageError(
          `Cannot draw ${name} as it has rows of neither ops nor ladder; measure one of them with --out`,
        );
      }
      finish(OK);
    });
}
