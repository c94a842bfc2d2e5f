import type { Results } from "../../results.ts";
import { html, type Markup } from "../html.ts";
import { details, table } from "./table.ts";

/** What is needed to do the run again. */
export function settingsSection({ config, environment, training }: Results): Markup {
  const warnings = [...training.student.warnings, ...training.control?.warnings ?? []];
  const facts = Object.entries(environment).map(([name, value]) => [
    name.replaceAll("_", " "),
    String(value),
  ]);
  return html`
    <section>
      <h2>Configuration and environment</h2>
      ${warnings.map((warning) => html`<p class="warning">${warning}</p>`)}
      ${details("Environment", table([{ heading: "What" }, { heading: "Value", words: true }], facts))}
      ${details("Configuration, every key", html`<pre>${JSON.stringify(config, null, 2)}</pre>`)}
    </section>
  `;
}
