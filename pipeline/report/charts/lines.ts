import { type Drawing, element, linear, type Scale, text, textWidth, title } from "../../svg/mod.ts";
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

/** A value that curves are held against. */
export interface Level {
  readonly label: string;
  readonly value: number;
  readonly series: Series;
}

/** Curves of one thing. */
export interface LinePanel {
  readonly heading: string;
  /** Unit of the values. */
  readonly unit: string;
  readonly curves: readonly Curve[];
  readonly levels?: readonly Level[];
}

const LEFT = 44, RIGHT = 10, PLOT = 190, HEADING = 22, LEGEND = 18, UNIT = 16, AXIS = 40;

/** Panels of curves over the same steps, one below the other. */
export function lineChart(
  { heading, description, panels, width }: {
    readonly heading: string;
    readonly description: string;
    readonly panels: readonly LinePanel[];
    readonly width: number;
  },
): Drawing {
  const steps = panels.flatMap(({ curves }) => curves.flatMap(({ points }) => points.map(([step]) => step)));
  const x = linear(Math.max(...steps), LEFT, width - RIGHT);
  let y = 0;
  const parts = panels.map((panel) => {
    const legend = legendOf(panel, width),
      top = y + HEADING + legend.rows * LEGEND + UNIT,
      bottom = top + PLOT;
    const drawn = text(0, y + 14, panel.heading, { class: "group" }) +
      element("g", { transform: `translate(0 ${y + HEADING})` }, ...legend.parts) +
      drawPanel(panel, x, top, bottom, width);
    y = bottom + AXIS + 8;
    return drawn;
  });
  return { width, height: y, heading, description, parts };
}

function drawPanel(
  { unit, curves, levels = [] }: LinePanel,
  x: Scale,
  top: number,
  bottom: number,
  width: number,
): string {
  const values = [
    ...curves.flatMap(({ points }) => points.map(([, value]) => value)),
    ...levels.map(({ value }) => value),
  ];
  const y = linear(Math.max(...values), bottom, top, Math.min(...values)), right = width - RIGHT;
  return [
    text(0, top - 8, unit, { class: "small faint" }),
    ...y.ticks.map((tick) =>
      element("line", { class: "grid", x1: LEFT, x2: right, y1: y(tick), y2: y(tick) }) +
      text(LEFT - 6, y(tick) + 3, String(tick), { class: "tick", "text-anchor": "end" })
    ),
    ...x.ticks.map((tick) =>
      text(x(tick), bottom + 14, tick.toLocaleString("en-US"), { class: "tick", "text-anchor": "middle" })
    ),
    text((LEFT + right) / 2, bottom + 31, "optimizer step", {
      class: "small faint",
      "text-anchor": "middle",
    }),
    ...levels.map(({ label, value, series }) =>
      element(
        "g",
        { class: series.colour },
        title(`${label}: ${value.toFixed(4)}`),
        element("line", {
          ...{ x1: LEFT, x2: right, y1: y(value), y2: y(value) },
          ...{ stroke: "currentColor", "stroke-dasharray": "2 4" },
        }),
        text(right, y(value) - 4, label, { class: "small halo", "text-anchor": "end" }),
      )
    ),
    ...curves.map((curve) => drawCurve(curve, x, y)),
  ].join("");
}

function drawCurve({ label, points, series, marked }: Curve, x: Scale, y: Scale): string {
  const [, last] = points.at(-1)!;
  return element(
    "g",
    { class: series.colour },
    title(`${label}: ${last.toFixed(4)} at the end`),
    element("polyline", {
      points: points.map(([step, value]) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`).join(" "),
      ...{
        fill: "none",
        stroke: "currentColor",
        "stroke-width": marked ? 1 : 1.6,
        "stroke-linejoin": "round",
      },
      ...series.dash !== undefined && { "stroke-dasharray": series.dash },
    }),
    ...marked ? points.map(([step, value]) => drawMark(series, x(step), y(value), 3.5)) : [],
  );
}

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
      element("line", {
        ...{ x1: at, x2: at + 22, y1: y, y2: y, stroke: "currentColor", "stroke-width": marked ? 1 : 2 },
        ...series.dash !== undefined && { "stroke-dasharray": series.dash },
      }),
      ...marked ? [drawMark(series, at + 11, y, 3.5)] : [],
      text(at + 28, y + 4, label, { class: "small" }),
    );
  });
  return { rows: row + 1, parts };
}
