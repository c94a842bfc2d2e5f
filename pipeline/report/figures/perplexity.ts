import { modelsOf, type Results } from "../../results.ts";
import { proportional } from "../../svg/mod.ts";
import { intervalChart } from "../charts/intervals.ts";
import { SERIES } from "../models.ts";
import { perplexityText } from "../numbers.ts";
import type { Figure } from "./figure.ts";

/** Perplexity of every model. */
export function perplexityFigure(results: Results): Figure {
  const models = modelsOf(results), tokens = results.teacher.tokens.toLocaleString("en-US");
  const estimates = models.map(([name, { perplexity }]) => ({
    label: name,
    value: perplexity,
    text: perplexityText(perplexity),
    series: SERIES[name],
  }));
  return {
    name: "perplexity",
    caption: `Left is better. ${tokens} tokens; the axis has equal ratios at equal distances.`,
    draw: (width) =>
      intervalChart({
        heading: "Perplexity",
        description: estimates.map(({ label, text }) => `${label} ${text}`).join(", "),
        panels: [{ estimates }],
        scaleOf: proportional,
        tickText: (tick) => tick.toLocaleString("en-US"),
        unit: "perplexity",
        width,
        columns: 1,
      }),
  };
}
