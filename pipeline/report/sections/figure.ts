import type { Figure } from "../figures/figure.ts";
import { html, type Markup, svg } from "../html.ts";

/** Widths of a drawing: of a page, and of a phone held upright. */
const WIDE = 720, NARROW = 328;

/** A section with a figure in it. The style sheet shows the drawing that the screen has room for. */
export function figureSection(
  heading: string,
  { draw, caption }: Figure,
  ...more: readonly Markup[]
): Markup {
  return html`
    <section>
      <h2>${heading}</h2>
      <figure>
        <div class="wide">${svg(draw(WIDE))}</div>
        <div class="narrow">${svg(draw(NARROW))}</div>
        <figcaption>${caption}</figcaption>
      </figure>
      ${more}
    </section>
  `;
}
