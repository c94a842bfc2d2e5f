import { type Drawing, element, linear, text, textWidth, tickTexts, title } from "../../svg/mod.ts";
import type { Series } from "./series.ts";

/** A length with its name. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  /** The value as it is written behind the bar. */
  readonly text: string;
  readonly series: Series;
  /** All of it in a sentence, for a pointer that rests on it and for screen readers. */
  readonly hint: string;
}

/** Bars that belong together. */
export interface BarGroup {
  readonly heading?: string;
  readonly bars: readonly Bar[];
}

const ROW = 20, GAP = 12, HEADING = 22, AXIS = 40, SPACE = 6;

/** Bars from 0, one below the other, so that names and values have room at any width. */
export function barChart(
  { heading, description, groups, unit, width }: {
    readonly heading: string;
    readonly description: string;
    readonly groups: readonly BarGroup[];
    /** What the axis counts, with its unit. */
    readonly unit: string;
    readonly width: number;
  },
): Drawing {
  const bars = groups.flatMap(({ bars }) => bars),
    widest = (texts: string[]) => Math.max(...texts.map((each) => textWidth(each, 11)));
  const left = widest(bars.map(({ label }) => label)) + SPACE;
  const right = width - widest(bars.map((bar) => bar.text)) - SPACE;
  const scale = linear(Math.max(...bars.map(({ value }) => value)), left, right);
  let y = 4;
  const drawn = groups.map(({ heading, bars }, i) => {
    if (i > 0) y += GAP;
    const name = heading === undefined ? "" : text(0, y + 14, heading, { class: "group" });
    if (heading !== undefined) y += HEADING;
    return name + bars.map((bar) => drawBar(bar, scale, left, (y += ROW) - ROW)).join("");
  });
  const bottom = y + 2, ticks = tickTexts(scale);
  return {
    ...{ width, height: bottom + AXIS, heading, description },
    parts: [
      ...scale.ticks.map((tick, i) =>
        element("line", { class: "grid", x1: scale(tick), x2: scale(tick), y1: 0, y2: bottom }) +
        text(scale(tick), bottom + 13, ticks[i]!, { class: "tick", "text-anchor": "middle" })
      ),
      ...drawn,
      text((left + right) / 2, bottom + 31, unit, { class: "small faint", "text-anchor": "middle" }),
    ],
  };
}

function drawBar(
  { label, value, text: written, series, hint }: Bar,
  scale: (value: number) => number,
  left: number,
  y: number,
): string {
  const end = Math.max(scale(value), scale(0) + 1), base = y + ROW - 6;
  return element(
    "g",
    { class: series.colour },
    title(hint),
    text(left - SPACE, base, label, { class: "small", "text-anchor": "end" }),
    element("rect", {
      x: scale(0),
      y: y + 3,
      width: end - scale(0),
      height: ROW - 6,
      fill: "currentColor",
    }),
    text(end + SPACE, base, written, { class: "small halo" }),
  );
}
