import { type Drawing, element, type Scale, text, textWidth, tickTexts, title } from "../../svg/mod.ts";
import type { Interval } from "../../../eval/statistics/mod.ts";
import { gridOf } from "./grid.ts";
import { drawMark, type Series } from "./series.ts";

/** A value with the interval it is known to. */
export interface Estimate {
  readonly label: string;
  readonly value: number;
  /** Null where it is not known. */
  readonly interval: Interval | null;
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

const ROW = 22, HEADING = 22, AXIS = 40, SPACE = 10, CAP = 4;

/** Values as marks with error bars on one scale for all panels, which stand side by side where the width allows. */
export function intervalChart(
  { heading, description, panels, scaleOf, unit, marked, width, columns }: {
    readonly heading: string;
    readonly description: string;
    readonly panels: readonly IntervalPanel[];
    /** A scale that covers these values, between these places. */
    readonly scaleOf: (least: number, most: number, from: number, to: number) => Scale;
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
  const held = marked === undefined ? ends : [...ends, marked];
  const widest = (texts: string[]) => Math.max(...texts.map((each) => textWidth(each, 11)));
  const left = widest(estimates.map(({ label }) => label)) + SPACE;
  const values = widest(estimates.map(({ text }) => text)) + SPACE;
  const grid = gridOf(width, columns, panels, (panel, width) => {
    const right = width - values, scale = scaleOf(Math.min(...held), Math.max(...held), left, right);
    return drawPanel(panel, { scale, unit, marked, left, right, width });
  });
  return { width, heading, description, ...grid };
}

interface PanelFrame {
  readonly scale: Scale;
  readonly unit: string;
  readonly marked: number | undefined;
  readonly left: number;
  readonly right: number;
  readonly width: number;
}

function drawPanel(
  { heading, note, estimates }: IntervalPanel,
  frame: PanelFrame,
): { height: number; content: string } {
  const { scale, unit, marked, left, right, width } = frame;
  const top = heading === undefined ? 0 : HEADING, bottom = top + estimates.length * ROW;
  const content = [
    ...heading === undefined ? [] : [text(0, 14, heading, { class: "group" })],
    ...note === undefined ? [] : [text(width, 14, note, { class: "small faint", "text-anchor": "end" })],
    ...scale.ticks.map((tick) =>
      element("line", { class: "grid", x1: scale(tick), x2: scale(tick), y1: top, y2: bottom })
    ),
    ...readableTicks(scale).map(([tick, written]) =>
      text(scale(tick), bottom + 13, written, { class: "tick", "text-anchor": "middle" })
    ),
    ...marked === undefined ? [] : [
      element("line", { class: "axis", x1: scale(marked), x2: scale(marked), y1: top - 2, y2: bottom + 2 }),
    ],
    ...estimates.map((estimate, i) => drawEstimate(estimate, frame, top + i * ROW + ROW / 2)),
    text((left + right) / 2, bottom + 30, unit, { class: "small faint", "text-anchor": "middle" }),
  ].join("");
  return { height: bottom + AXIS, content };
}

/** Ticks whose texts do not touch, with these. */
function readableTicks(scale: Scale): [tick: number, written: string][] {
  let taken = -Infinity;
  return tickTexts(scale).flatMap((written, i): [number, string][] => {
    const tick = scale.ticks[i]!, half = textWidth(written, 10) / 2 + 2;
    if (scale(tick) - half < taken) return [];
    taken = scale(tick) + half;
    return [[tick, written]];
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
