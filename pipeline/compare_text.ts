import { isShare, metricText } from "./card/mod.ts";
import type { Figure, RunComparison, StudentDifference } from "./compare.ts";
import { markdownTable } from "./markdown.ts";

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
      const [low, high] = (interval ?? []).map((end) => signed(difference, end));
      return [
        ...[on, metric, second, String(n), signed(difference, value)],
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

function signed({ metric }: StudentDifference, value: number): string {
  const text = isShare(metric) ? (100 * value).toFixed(1) : value.toFixed(4);
  return value > 0 ? `+${text}` : text;
}
