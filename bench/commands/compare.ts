import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { compareResults } from "../compare/compare.ts";
import { formatComparison } from "../compare/format.ts";
import { readResults } from "../results.ts";
import { FAILED, OK, positive, type Streams } from "./options.ts";

/** Adds `bench compare A B`. */
export function addCompare(
  program: CommandUnknownOpts,
  streams: Streams,
  finish: (code: number) => void,
): void {
  program.command("compare")
    .description("ratios of two files of results, with intervals; marks what became slower")
    .argument("<A>", "results before: a name in bench/results, or the path of a .jsonl file")
    .argument("<B>", "results after")
    .addOption(
      new Option("--threshold <percent>", "how far off 1 the whole interval must lie to be marked")
        .argParser(positive).default(5),
    )
    .addHelpText(
      "after",
      `
Examples:
  for i in 1 2 3; do (cd old && ./lapidary bench ladder --out a); ./lapidary bench ladder --out b; done
  ./lapidary bench compare old/bench/results/a.jsonl b
  ./lapidary bench compare before after --threshold 10

Exit codes: 0 nothing became slower, 1 something became slower or wrong, 2 usage`,
    )
    .action(async (a, b, { threshold }) => {
      const comparison = compareResults(await readResults(a), await readResults(b), threshold / 100);
      streams.stdout(formatComparison(comparison));
      const worse = comparison.broken.length > 0 ||
        comparison.rows.some(({ verdict }) => verdict === "slower");
      finish(worse ? FAILED : OK);
    });
}
