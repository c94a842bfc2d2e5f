import { metricText } from "./card/mod.ts";
import type { Figure, RunComparison } from "./compare.ts";
import { formatDifference } from "./format.ts";
import { markdownTable } from "./markdown.ts";
import { isShare } from "./results.ts";

/** A comparison for a person. */
export function formatComparison({ runs, figures, differences, unpaired, settings }: RunComparison): string {
  const measured = markdownTable(
    ["on", "metric", "model", ...runs],
    figures.map(({ on, metric, model, values }) => [
      on,
      metric,
      model,
      ...values.map((value) => shown(metric, value)),
    ]),
  );
  const pairs = markdownTable(
    ["on", "metric", "run", "n", "difference", "95 % interval", "exact McNemar p"],
    differences.map((difference) => {
      const { on, metric, runs: [, second], n, value, interval, p } = difference;
      const show = (x: number) => formatDifference(x, isShare(metric));
      const [low, high] = (interval ?? []).map(show);
      return [
        ...[on, metric, second, String(n), show(value)],
        low === undefined ? "too few to tell" : `${low} to ${high}`,
        p === null ? "" : p.toFixed(3),
      ];
    }),
  );
  const differing = markdownTable(
    ["setting", ...runs],
    settings.map(({ key, values }) => [key, ...values.map((value) => JSON.stringify(value))]),
  );
  return [
    ...measured,
    "",
    `Students, less that of ${runs[0]}, on the same rows and items (shares in points, losses in nats):`,
    "",
    ...differences.length > 0 ? pairs : ["No figure could be compared item by item."],
    ...differences.length > 0 ? ["", ...differences.map(({ sentence }) => `- ${sentence}`)] : [],
    ...unpaired.length > 0
      ? [
        "",
        "Not compared item by item:",
        ...unpaired.map(({ on, runs, reason }) => `- ${on} of ${runs[1]}: ${reason}`),
      ]
      : [],
    "",
    ...settings.length > 0 ? ["Settings that differ:", "", ...differing] : ["All settings are the same."],
  ].join("\n");
}

function shown(metric: string, value: Figure["values"][number]): string {
  if (!value) return "-";
  const text = metric === "perplexity" && value.stderr === null
    ? value.value.toFixed(3)
    : metricText(metric, value);
  return `${text} (n = ${value.n})`;
}
