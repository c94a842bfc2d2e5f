import { element, escape, text, title } from "./element.ts";
import style from "./style.css" with { type: "text" };

/** Colours that keep apart on white and on black, for people who see colours differently too (after Okabe and Ito). */
export const COLOURS = ["#8a8f98", "#d98200", "#2f9fd8", "#129a74", "#b25fc4", "#d1503f", "#7d8a12"] as const;

/**
 * Style of all drawings, on white and on black. `series-1` to `series-4` set `currentColor` to colours that keep apart for
 * people who see colours differently too.
 */
export const STYLE: string = style;

/** Height of the lines above a drawing. */
export const HEAD = 64, MARGIN = 24;

/** A whole file: a heading, lines that say what it is, and the drawing below {@link HEAD}. */
export function page(
  { width, height, heading, lines }: {
    readonly width: number;
    readonly height: number;
    readonly heading: string;
    readonly lines: readonly [string, string];
  },
  ...drawing: readonly string[]
): string {
  return element(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${width} ${height}`, width, height, role: "img" },
    `\n${title(`${heading}. ${lines.join(". ")}`)}\n`,
    `${element("style", {}, style)}\n`,
    `${element("rect", { class: "paper", width, height })}\n`,
    `${text(MARGIN, 26, heading, { class: "head" })}\n`,
    ...lines.map((line, i) => `${text(MARGIN, 43 + 15 * i, line, { class: "faint small" })}\n`),
    ...drawing.map((part) => `${part}\n`),
  ) + "\n";
}

/** A chart without a page around it. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly heading: string;
  /** What it shows, in words. */
  readonly description: string;
  readonly parts: readonly string[];
}

/** A drawing inside an HTML page, which has its heading and {@link STYLE}. */
export function inline({ width, height, heading, description, parts }: Drawing): string {
  return element(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, width, height, role: "img" },
    title(heading),
    element("desc", {}, escape(description)),
    ...parts,
  );
}

/** A drawing as a file of its own, with its heading and two lines that say where it comes from. */
export function fileOf(
  { width, height, heading, description, parts }: Drawing,
  lines: readonly [string, string],
): string {
  return page(
    { width: width + 2 * MARGIN, height: HEAD + height + MARGIN, heading, lines },
    element("desc", {}, escape(description)),
    element("g", { transform: `translate(${MARGIN} ${HEAD + 12})` }, ...parts),
  );
}
