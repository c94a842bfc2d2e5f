/** The losses of a training as they come. */
import { h, replace, s } from "./dom.ts";

const WIDTH = 640, HEIGHT = 240, LEFT = 40, BOTTOM = 24, TOP = 10;

/** Names and classes of the curves. */
const CURVES = { cross_entropy: "products", distillation: "attention", total: "elementwise" } as const;

/** Losses of one step, by name. */
export type Losses = Readonly<Record<keyof typeof CURVES, number>>;

/** A chart that grows. */
export function lossCurve(): {
  readonly element: HTMLElement;
  add(losses: Losses, totalSteps: number): void;
} {
  const points: Losses[] = [],
    chart = s("svg", {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: "img",
      class: "losses",
      "aria-label": "No step yet",
    });
  const names = Object.keys(CURVES) as (keyof typeof CURVES)[];
  const element = h(
    "figure",
    {},
    chart,
    h(
      "figcaption",
      {},
      names.map((name) =>
        h(
          "span",
          { class: "legend-entry" },
          h("span", { class: `dot family-${CURVES[name]}`, "aria-hidden": "true" }),
          `${name.replace("_", "-")} `,
        )
      ),
      "in nats a token, by step",
    ),
  );
  return {
    element,
    add(losses, totalSteps) {
      points.push(losses);
      const most = Math.max(...points.flatMap((each) => names.map((name) => each[name])));
      const x = (i: number) => LEFT + (WIDTH - LEFT - 10) * i / Math.max(1, totalSteps - 1);
      const y = (value: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / most);
      const last = points.at(-1)!;
      chart.setAttribute(
        "aria-label",
        `Losses after ${points.length} of ${totalSteps} steps: ${
          names.map((name) => `${name.replace("_", "-")} ${last[name].toFixed(3)}`).join(", ")
        }`,
      );
      replace(
        chart,
        [0, 0.5, 1].map((share) => [
          s("line", {
            class: "grid-line",
            x1: LEFT,
            x2: WIDTH - 10,
            y1: y(share * most),
            y2: y(share * most),
          }),
          s("text", { x: LEFT - 6, y: y(share * most) + 4, "text-anchor": "end" }, (share * most).toFixed(1)),
        ]),
        s("text", { x: LEFT, y: HEIGHT - 6 }, "1"),
        s("text", { x: WIDTH - 10, y: HEIGHT - 6, "text-anchor": "end" }, totalSteps),
        names.map((name) =>
          s("polyline", {
            class: `loss-line family-${CURVES[name]}`,
            points: points.map((each, i) => `${x(i).toFixed(1)},${y(each[name]).toFixed(1)}`).join(" "),
          })
        ),
      );
    },
  };
}
