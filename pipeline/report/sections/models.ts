import { formatCount } from "../../format.ts";
import { modelsOf, type Results } from "../../results.ts";
import { drawMark } from "../charts/series.ts";
import { html, Markup } from "../html.ts";
import { MEANING, SERIES } from "../models.ts";
import { decimals, perplexityText } from "../numbers.ts";
import { element } from "../../svg/mod.ts";

/** What the models are, side by side. */
export function modelsSection(results: Results): Markup {
  const rows = modelsOf(results).map(([name, { layers, parameters, perplexity, cross_entropy }]) =>
    html`
      <tr>
        <th scope="row">${key(name)} ${name}<small>${MEANING[name]}</small></th>
        <td>${layers}</td>
        <td>${formatCount(parameters)}</td>
        <td>${perplexityText(perplexity)}</td>
        <td>${decimals(cross_entropy, 4)}</td>
      </tr>
    `
  );
  return html`
    <section>
      <h2>Models</h2>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col">Blocks</th>
              <th scope="col">Parameters</th>
              <th scope="col">Perplexity</th>
              <th scope="col">Cross-entropy, nats per token</th>
            </tr>
          </thead>
          <tbody>
    ${rows}</tbody>
        </table>
      </div>
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
