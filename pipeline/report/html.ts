/** HTML text that is safe by its type: what is not {@link Markup} is escaped. */
import { type Drawing, escape, inline } from "../svg/mod.ts";

/** Text that is HTML already. */
export class Markup {
  constructor(readonly text: string) {}
}

/** What may stand between pieces of HTML: text and numbers, which are escaped, markup, and lists of these. */
export type Content = string | number | Markup | readonly Content[];

/**
 * HTML with values between its pieces, in text or inside double quotes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { html } from "./html.ts";
 *
 * const items = ["<b>", "a & b"].map((item) => html`<li title="${item}">${item}</li>`);
 * assert.equal(
 *   html`<ul>${items}</ul>`.text,
 *   '<ul><li title="&lt;b&gt;">&lt;b&gt;</li><li title="a &amp; b">a &amp; b</li></ul>',
 * );
 * ```
 */
export function html(pieces: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(pieces.map((piece, i) => piece + (i < values.length ? textOf(values[i]!) : "")).join(""));
}

/** A drawing, whose texts its writer has escaped. */
export const svg = (drawing: Drawing): Markup => new Markup(inline(drawing));

function textOf(content: Content): string {
  if (content instanceof Markup) return content.text;
  return typeof content === "object" ? content.map(textOf).join("") : escape(String(content));
}
