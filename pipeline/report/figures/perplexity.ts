import { formatCount } from "../../format.ts";
import { proportional } from "../../svg/mod.ts";
import { intervalChart } from "../charts/intervals.ts";
import { SERIES } from "../models.ts";
import { perplexityText } from "../numbers.ts";
import type { RunRecord } from "../read.ts";
import type { Figure } from "./figure.ts";

/** Perplexity of every model on the held-out rows. */
export function perplexityFigure({ results, heldOut }: RunRecord): Figure {
  const tokens = formatCount(results.teacher.tokens), rows = formatCount(heldOut.rows);
  const estimates = [...heldOut.perplexity].map(([name, { value, interval }]) => ({
    label: name,
    value,
    interval,
    text: perplexityText(value),
    series: SERIES[name],
  }));
  return {
    name: "perplexity",
    caption:
      `${tokens} tokens of ${rows} rows, left is better; equal distances are equal ratios. Error bars: 95 % intervals ` +
      "of each model alone. The models were measured on the same rows and move together, so bars that overlap do not " +
      "mean that models cannot be told apart.",
    draw: (width) =>
      intervalChart({
        heading: "Perplexity",
        description: estimates.map(({ label, text }) => `${label} ${text}`).join(", "),
        panels: [{ estimates }],
        scaleOf: proportional,
        unit: "perplexity",
        width,
        columns: 1,
      }),
  };
}
