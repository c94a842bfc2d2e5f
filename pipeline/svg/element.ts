/** Attributes of an element; numbers are written with at most two decimals, so that files compare line by line. */
export type Attributes = Readonly<Record<string, string | number>>;

/**
 * An SVG element as text. Children are elements already written; text goes through {@link text}.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { element, text } from "./element.ts";
 * assert.equal(element("g", { x: 1 / 3 }, text(1, 2, "a < b")), '<g x="0.33"><text x="1" y="2">a &lt; b</text></g>');
 * ```
 */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) =>
    ` ${key}="${typeof value === "number" ? Number(value.toFixed(2)) : escape(value)}"`
  ).join("");
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join("")}</${name}>`;
}

/** Text that stays text: it can be searched, selected and read aloud. */
export function text(x: number, y: number, content: string, attributes: Attributes = {}): string {
  return element("text", { x, y, ...attributes }, escape(content));
}

/** What a pointer that rests on an element, or a screen reader, is told. */
export function title(content: string): string {
  return element("title", {}, escape(content));
}

/**
 * Text as it stands in SVG and in HTML, between tags or in double quotes. Control characters, which neither may hold, and
 * halves of surrogate pairs become U+FFFD.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { escape } from "./element.ts";
 * assert.equal(escape('<script src="&">\u0000'), "&lt;script src=&quot;&amp;&quot;&gt;\uFFFD");
 * ```
 */
export function escape(content: string): string {
  return content.toWellFormed()
    .replaceAll(/[^\P{Cc}\t\n\r]/gu, "\uFFFD")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
