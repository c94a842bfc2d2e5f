import type { Results } from "../../results.ts";
import { html, type Markup } from "../html.ts";

/** What is needed to do the run again. */
export function settingsSection({ config, environment, training }: Results): Markup {
  const warnings = [...training.student.warnings, ...training.control?.warnings ?? []];
  const facts = Object.entries(environment).map(([name, value]) =>
    html`
      <tr>
        <th scope="row">${name.replaceAll("_", " ")}</th>
        <td class="word">${String(value)}</td>
      </tr>
    `
  );
  return html`<section>
<h2>Configuration and environment</h2>
${
    warnings.length > 0
      ? html`<ul class="warnings">${warnings.map((warning) => html`<li>${warning}</li>`)}</ul>`
      : ""
  }
<details><summary>Environment</summary>
<div class="scroll"><table><tbody>
${facts}</tbody></table></div></details>
<details><summary>Configuration, every key</summary>
<pre>${JSON.stringify(config, null, 2)}</pre></details>
</section>`;
}
