import { type Drawing, element, type Scale, text, textWidth, title } from "../../svg/mod.ts";
import { drawMark, type Series } from "./series.ts";

/** A value with the interval it is known to. */
export interface Estimate {
  readonly label: string;
  readonly value: number;
  readonly interval?: readonly [low: number, high: number] | undefined;
  /** The value as it is written beside it. */
  readonly text: string;
  readonly series: Series;
}

/** Estimates of one thing under one heading. */
export interface IntervalPanel {
  readonly heading?: string;
  /** Beside the heading, such as the number of items. */
  readonly note?: string;
  readonly estimates: readonly Estimate[];
}

const ROW = 22, HEADING = 22, AXIS = 40, SPACE = 10, GUTTER = 32, CAP = 4;

/** Values as marks with error bars on one scale for all panels, which stand side by side where the width allows. */
export function intervalChart(
  { heading, description, panels, scaleOf, tickText, unit, marked, width, columns }: {
    readonly heading: string;
    readonly description: string;
    readonly panels: readonly IntervalPanel[];
    /** A scale that covers these values, between these places. */
    readonly scaleOf: (least: number, most: number, from: number, to: number) => Scale;
    readonly tickText: (tick: number) => string;
    /** What the axis counts, with its unit. */
    readonly unit: string;
    /** A value that the others are held against, such as 0 for differences. */
    readonly marked?: number;
    readonly width: number;
    readonly columns: number;
  },
): Drawing {
  const estimates = panels.flatMap(({ estimates }) => estimates);
  const ends = estimates.flatMap(({ value, interval }) => [value, ...interval ?? []]);
  const widest = (texts: string[]) => Math.max(...texts.map((each) => textWidth(each, 11)));
  const panel = (width - GUTTER * (columns - 1)) / columns;
  const left = widest(estimates.map(({ label }) => label)) + SPACE;
  const right = panel - widest(estimates.map(({ text }) => text)) - SPACE;
  const held = marked === undefined ? ends : [...ends, marked];
  const scale = scaleOf(Math.min(...held), Math.max(...held), left, right);
  const heights = panels.map(({ heading, estimates }) =>
    (heading === undefined ? 0 : HEADING) + estimates.length * ROW + AXIS
  );
  let y = 0;
  const parts = panels.map((each, i) => {
    const column = i % columns, top = y;
    if (column === columns - 1 || i === panels.length - 1) {
      y += Math.max(...heights.slice(i - column, i + 1)) + 8;
    }
    const drawn = drawPanel(each, { scale, tickText, unit, marked, left, right, width: panel });
    return element("g", { transform: `translate(${(column * (panel + GUTTER)).toFixed(1)} ${top})` }, drawn);
  });
  return { width, height: y, heading, description, parts };
}

interface PanelFrame {
  readonly scale: Scale;
  readonly tickText: (tick: number) => string;
  readonly unit: string;
  readonly marked: number | undefined;
  readonly left: number;
  readonly right: number;
  readonly width: number;
}

function drawPanel({ heading, note, estimates }: IntervalPanel, frame: PanelFrame): string {
  const { scale, tickText, unit, marked, left, right, width } = frame;
  const top = heading === undefined ? 0 : HEADING, bottom = top + estimates.length * ROW;
  const ticks = readable(scale, tickText);
  return [
    ...heading === undefined ? [] : [text(0, 14, heading, { class: "group" })],
    ...note === undefined ? [] : [text(width, 14, note, { class: "small faint", "text-anchor": "end" })],
    ...scale.ticks.map((tick) =>
      element("line", { class: "grid", x1: scale(tick), x2: scale(tick), y1: top, y2: bottom })
    ),
    ...ticks.map((tick) =>
      text(scale(tick), bottom + 13, tickText(tick), { class: "tick", "text-anchor": "middle" })
    ),
    ...marked === undefined ? [] : [
      element("line", { class: "axis", x1: scale(marked), x2: scale(marked), y1: top - 2, y2: bottom + 2 }),
    ],
    ...estimates.map((estimate, i) => drawEstimate(estimate, frame, top + i * ROW + ROW / 2)),
    text((left + right) / 2, bottom + 30, unit, { class: "small faint", "text-anchor": "middle" }),
  ].join("");
}

/** Ticks whose texts do not touch. */
function readable(scale: Scale, tickText: (tick: number) => string): number[] {
  let taken = -Infinity;
  return scale.ticks.filter((tick) => {
    const half = textWidth(tickText(tick), 10) / 2 + 2;
    if (scale(tick) - half < taken) return false;
    taken = scale(tick) + half;
    return true;
  });
}

function drawEstimate(
  { label, value, interval, text: written, series }: Estimate,
  { scale, left, width }: PanelFrame,
  y: number,
): string {
  const at = scale(value),
    line = (x1: number, y1: number, x2: number, y2: number) =>
      element("line", { x1, y1, x2, y2, stroke: "currentColor", "stroke-width": 1.5 });
  const [low, high] = (interval ?? [value, value]).map(scale) as [number, number];
  return element(
    "g",
    { class: series.colour },
    title(`${label}: ${written}`),
    text(left - SPACE, y + 4, label, { class: "small", "text-anchor": "end" }),
    ...interval
      ? [line(low, y, high, y), line(low, y - CAP, low, y + CAP), line(high, y - CAP, high, y + CAP)]
      : [],
    drawMark(series, at, y),
    text(width, y + 4, written, { class: "small", "text-anchor": "end" }),
  );
}
