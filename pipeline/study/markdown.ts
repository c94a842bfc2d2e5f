import type { Interval } from "../../eval/statistics/mod.ts";
import { formatDifference } from "../format.ts";
import { markdownTable } from "../markdown.ts";
import { isShare } from "../results.ts";
import type { Spread } from "./spread.ts";
import type { StudyResults } from "./summary.ts";

/** A study as Markdown: every measure of every method, and the differences from the baseline. */
export function studyMarkdown(study: StudyResults): string {
  const { description, baseline, seeds, methods, references, cells } = study;
  // The accuracy normalised by length is left to study.json, as it says much the same.
  const measures = Object.keys(methods[baseline]!).filter((measure) => !measure.endsWith(" acc_norm"));
  const names = Object.keys(methods);
  const rows: [name: string, measured: Readonly<Record<string, Spread>>][] = [
    ...Object.entries(references),
    ...Object.entries(methods),
  ];
  const values = markdownTable(
    ["model", "perplexity", ...measures.slice(1).map(title)],
    rows.map(([name, measured]) => [
      name,
      // exp of the mean cross-entropy; its deviation in proportion.
      perplexity(measured.cross_entropy!),
      ...measures.slice(1).map((measure) => shown(measured[measure]!, measure)),
    ]),
  );
  const differences = markdownTable(
    ["measure", "method", `less ${baseline}`, "over items", "over seeds", "n"],
    measures.flatMap((measure) =>
      names.filter((name) => name !== baseline).map((name) => {
        const { value, over_items, over_seeds, n } = methods[name]![measure]!.difference!;
        const show = (x: number) => formatDifference(x, inPercent(measure));
        return [
          title(measure),
          name,
          show(value),
          interval(over_items, show),
          interval(over_seeds, show),
          `${n}`,
        ];
      })
    ),
  );
  return [
    ...description === null ? [] : [description + ".", ""],
    `${names.length} methods, ${seeds.length === 1 ? "seed" : "seeds"} ${
      seeds.join(", ")
    }; ${cells.length} runs.`,
    "Mean ± standard deviation over the seeds.",
    "",
    ...values,
    "",
    `Differences from ${baseline}, paired by seed and by item, with 95 % intervals: for other items with these seeds, and`,
    "for other seeds (Student's t over the seeds' differences). Held-out loss is in nats per token, less is better;",
    "accuracies are in percent, log-likelihoods in nats per item, more is better.",
    "",
    ...differences,
    "",
  ].join("\n");
}

const title = (measure: string): string =>
  measure === "cross_entropy" ? "held-out loss" : measure.replace("log_likelihood", "log-likelihood");

/** A measure ends in its metric. */
const inPercent = (measure: string): boolean => isShare(measure.split(" ").at(-1)!);

function shown({ mean, deviation }: Spread, measure: string): string {
  const [factor, digits] = inPercent(measure) ? [100, 1] : [1, 3];
  const text = (x: number) => (factor * x).toFixed(digits);
  return deviation === null ? text(mean) : `${text(mean)} ± ${text(deviation)}`;
}

function perplexity({ mean, deviation }: Spread): string {
  const value = Math.exp(mean);
  return deviation === null ? value.toFixed(3) : `${value.toFixed(3)} ± ${(value * deviation).toFixed(3)}`;
}

const interval = (ends: Interval | null, show: (x: number) => string): string =>
  ends === null ? "unknown" : `${show(ends[0])} to ${show(ends[1])}`;
