import { type Drawing, element, linear, text, textWidth, tickTexts, title } from "../../svg/mod.ts";
import { gridOf } from "./grid.ts";
import { drawMark, type Series } from "./series.ts";

/** Where something stands at a step. */
export type Point = readonly [step: number, value: number];

/** Values over steps. */
export interface Curve {
  readonly label: string;
  readonly points: readonly Point[];
  readonly series: Series;
  /** Whether each point has its mark: few values, measured between steps. */
  readonly marked?: boolean;
}

/** Curves of one thing. */
export interface LinePanel {
  readonly heading: string;
  /** Unit of the values. */
  readonly unit: string;
  readonly curves: readonly Curve[];
}

const LEFT = 44, RIGHT = 12, PLOT = 170, HEADING = 22, LEGEND = 18, UNIT = 22, AXIS = 44;

/** Panels of curves over the same steps, side by side where the width allows. */
export function lineChart(
  { heading, description, panels, width, columns }: {
    readonly heading: string;
    readonly description: string;
    readonly panels: readonly LinePanel[];
    readonly width: number;
    readonly columns: number;
  },
): Drawing {
  const steps = panels.flatMap(({ curves }) => curves.flatMap(({ points }) => points.map(([step]) => step)));
  const last = Math.max(...steps);
  const grid = gridOf(width, columns, panels, (panel, width) => drawPanel(panel, last, width));
  return { width, heading, description, ...grid };
}

function drawPanel(panel: LinePanel, last: number, width: number): { height: number; content: string } {
  const { heading, unit, curves } = panel, legend = legendOf(panel, width), right = width - RIGHT;
  const top = HEADING + legend.rows * LEGEND + UNIT, bottom = top + PLOT;
  const values = curves.flatMap(({ points }) => points.map(([, value]) => value));
  const x = linear(last, LEFT, right), y = linear(Math.max(...values), bottom, top, Math.min(...values));
  const steps = tickTexts(x), ticks = tickTexts(y);
  const content = [
    text(0, 14, heading, { class: "group" }),
    element("g", { transform: `translate(0 ${HEADING})` }, ...legend.parts),
    text(0, top - 12, unit, { class: "small faint" }),
    ...y.ticks.map((tick, i) =>
      element("line", { class: "grid", x1: LEFT, x2: right, y1: y(tick), y2: y(tick) }) +
      text(LEFT - 6, y(tick) + 3, ticks[i]!, { class: "tick", "text-anchor": "end" })
    ),
    ...x.ticks.map((tick, i) =>
      text(x(tick), bottom + 14, steps[i]!, { class: "tick", "text-anchor": "middle" })
    ),
    text((LEFT + right) / 2, bottom + 31, "optimizer step", {
      class: "small faint",
      "text-anchor": "middle",
    }),
    ...curves.map((curve) => drawCurve(curve, x, y)),
  ].join("");
  return { height: bottom + AXIS, content };
}

type Place = (value: number) => number;

function drawCurve({ label, points, series, marked }: Curve, x: Place, y: Place): string {
  const [, last] = points.at(-1)!;
  return element(
    "g",
    { class: series.colour },
    title(`${label}: ${last.toFixed(4)} at the end`),
    element("polyline", {
      points: points.map(([step, value]) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`).join(" "),
      fill: "none",
      ...stroke(series),
    }),
    ...marked ? points.map(([step, value]) => drawMark(series, x(step), y(value), 3.5)) : [],
  );
}

const stroke = ({ dash }: Series) => ({
  ...{ stroke: "currentColor", "stroke-width": 1.6, "stroke-linejoin": "round" },
  ...dash !== undefined && { "stroke-dasharray": dash },
});

/** Names of the curves, in as many rows as they take. */
function legendOf({ curves }: LinePanel, width: number): { rows: number; parts: string[] } {
  let x = 0, row = 0;
  const parts = curves.map(({ label, series, marked }) => {
    const needed = 28 + textWidth(label, 11) + 14;
    if (x > 0 && x + needed > width) [x, row] = [0, row + 1];
    const at = x, y = row * LEGEND + 8;
    x += needed;
    return element(
      "g",
      { class: series.colour },
      element("line", { x1: at, x2: at + 22, y1: y, y2: y, ...stroke(series) }),
      ...marked ? [drawMark(series, at + 11, y, 3.5)] : [],
      text(at + 28, y + 4, label, { class: "small" }),
    );
  });
  return { rows: row + 1, parts };
}
