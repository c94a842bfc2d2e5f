import { modelsOf, type Results } from "../../results.ts";
import { html, type Markup } from "../html.ts";
import { key } from "./models.ts";

/** What each model writes after the same texts, side by side; nothing where there are no samples. */
export function samplesSection(results: Results): Markup {
  const { prompts, max_new_tokens } = results.config.sample, models = modelsOf(results);
  const written = prompts.filter((_, i) => models.every(([, { samples }]) => samples[i] !== undefined));
  if (written.length === 0) return html``;
  const articles = written.map((prompt, i) => {
    const texts = models.map(([name, { samples }]) =>
      html`
        <div>
          <h3>${key(name)} ${name}</h3>
          <p class="text" dir="auto">${continuation(samples[i]!, prompt)}</p>
        </div>
      `
    );
    return html`
      <article>
        <p class="prompt" dir="auto">${prompt}</p>
        <div class="side-by-side">${texts}</div>
      </article>
    `;
  });
  return html`
    <section>
      <h2>Samples</h2>
      <p class="fine">
        Greedy: always the likeliest token, ${max_new_tokens} at most. The text that was given stands first in each group.
      </p>
      ${articles}
    </section>
  `;
}

/** What a model added to a prompt; all of it where the prompt came back changed. */
const continuation = (sample: string, prompt: string): string =>
  sample.startsWith(prompt) ? sample.slice(prompt.length) : sample;
