import { element } from "../../svg/mod.ts";

/** How a thing is drawn wherever it is drawn: a colour of the style, and a mark and a dash for who sees no colours. */
export interface Series {
  readonly colour: "series-1" | "series-2" | "series-3" | "series-4";
  readonly mark: "circle" | "triangle" | "square" | "diamond";
  /** Pattern of its lines; unbroken where missing. */
  readonly dash?: string;
}

/** A mark around a point, in `currentColor`. */
export function drawMark({ mark }: Series, x: number, y: number, radius = 4.5): string {
  const point = (dx: number, dy: number) => `${(x + dx * radius).toFixed(1)},${(y + dy * radius).toFixed(1)}`;
  const shape = (...corners: readonly (readonly [number, number])[]) =>
    element("polygon", {
      points: corners.map(([dx, dy]) => point(dx, dy)).join(" "),
      fill: "currentColor",
    });
  switch (mark) {
    case "circle":
      return element("circle", { cx: x, cy: y, r: radius, fill: "currentColor" });
    case "triangle":
      return shape([0, -1.2], [1.15, 0.9], [-1.15, 0.9]);
    case "square":
      return shape([-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]);
    case "diamond":
      return shape([0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]);
  }
}
