import { element, text, title } from "./element.ts";

/** Colours that keep apart on white and on black, for people who see colours differently too (after Okabe and Ito). */
export const COLOURS = ["#8a8f98", "#d98200", "#2f9fd8", "#129a74", "#b25fc4", "#d1503f", "#7d8a12"] as const;

const STYLE = `
text { font: 12px ui-sans-serif, system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328 }
.paper { fill: #ffffff }
.head { font-size: 16px; font-weight: 600 }
.group { font-weight: 600 }
.faint { fill: #59636e }
.small { font-size: 11px }
.tick { font-size: 10px; fill: #59636e }
.grid { stroke: #d1d9e0; stroke-width: 1 }
.limit { stroke: #cf222e; stroke-width: 1.5; fill: none }
.dashed { stroke-dasharray: 5 3 }
.limit-text { fill: #cf222e; font-size: 11px }
.halo { paint-order: stroke; stroke: #ffffff; stroke-width: 3px; stroke-linejoin: round }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.paper { fill: #0d1117 }
.faint, .tick { fill: #9198a1 }
.grid { stroke: #30363d }
.limit { stroke: #ff7b72 }
.limit-text { fill: #ff7b72 }
.halo { stroke: #0d1117 }
}
`;

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
    `${element("style", {}, STYLE)}\n`,
    `${element("rect", { class: "paper", width, height })}\n`,
    `${text(MARGIN, 26, heading, { class: "head" })}\n`,
    ...lines.map((line, i) => `${text(MARGIN, 43 + 15 * i, line, { class: "faint small" })}\n`),
    ...drawing.map((part) => `${part}\n`),
  ) + "\n";
}
