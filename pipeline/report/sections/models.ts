import { formatCount } from "../../format.ts";
import { modelsOf, type Results } from "../../results.ts";
import { element } from "../../svg/mod.ts";
import { drawMark } from "../charts/series.ts";
import { html, Markup } from "../html.ts";
import { MEANING, SERIES } from "../models.ts";
import { decimals, perplexityText } from "../numbers.ts";
import { table } from "./table.ts";

/** What the models are, side by side. */
export function modelsSection(results: Results): Markup {
  const models = modelsOf(results);
  const rows = models.map(([name, { layers, parameters, perplexity, cross_entropy }]) => [
    [key(name), ` ${name}`],
    layers,
    formatCount(parameters),
    perplexityText(perplexity),
    decimals(cross_entropy, 4),
  ]);
  const columns = ["Model", "Blocks", "Parameters", "Perplexity", "Nats per token"].map((heading) => ({
    heading,
  }));
  const meanings = models.map(([name]) =>
    html`
      <div>
        <dt>${key(name)} ${name}</dt>
        <dd>${MEANING[name]}</dd>
      </div>
    `
  );
  return html`
    <section>
      <h2>Models</h2>
      ${table(columns, rows)}
      <dl class="meanings">${meanings}</dl>
    </section>
  `;
}

/** The mark that stands for a model in all charts. */
export function key(name: keyof typeof SERIES): Markup {
  const series = SERIES[name];
  return new Markup(
    element(
      "svg",
      { class: `key ${series.colour}`, viewBox: "0 0 14 14", "aria-hidden": "true" },
      drawMark(series, 7, 7),
    ),
  );
}
