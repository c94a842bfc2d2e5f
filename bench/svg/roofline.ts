import {
  COLOURS,
  element,
  HEAD,
  logarithmic,
  MARGIN,
  page,
  placeLabels,
  type Scale,
  text,
  title,
} from "../../pipeline/svg/mod.ts";
import { significant } from "../report.ts";
import type { Result } from "../results.ts";
import { latest, provenance, rate } from "./results.ts";

const WIDTH = 1000, HEIGHT = 640, LEFT = MARGIN + 40, RIGHT = WIDTH - MARGIN, TOP = HEAD + 36;
const BOTTOM = HEIGHT - MARGIN - 28, RADIUS = 4.5;
/** What does less is the price of a dispatch, whatever it does. */
const LEAST_FLOPS = 1e5;

/** What ops are alike; the first family whose pattern the op's name matches is its own. */
const FAMILIES: readonly (readonly [label: string, ops: RegExp])[] = [
  ["attention", /attention|rope|masked_softmax/],
  ["products", /matmul|logits|linear/],
  ["losses", /loss|cross_entropy/],
  ["rows", /norm|softmax/],
  ["embedding", /embedding|zero/],
  ["elementwise and sums", /./],
];

/** A result with its place: operations a byte, and operations a second. */
interface Point {
  readonly result: Result;
  readonly family: number;
  readonly intensity: number;
  readonly rate: number;
}

/**
 * The roofline (Williams, Waterman and Patterson, 2009): each op at its operations a byte and its operations a second,
 * under what copies and multiply-adds allow. Undefined where no op counts operations.
 */
export function rooflineChart(results: readonly Result[]): string | undefined {
  const rows = latest(results).filter(({ benchmark, flops, bytes }) =>
    benchmark === "ops" && flops >= LEAST_FLOPS && bytes > 0
  );
  if (rows.length === 0) return undefined;
  const { limits } = rows[0]!, ridge = limits.gflops / limits.gigabytes;
  const points = rows.map((result): Point => ({
    result,
    family: FAMILIES.findIndex(([, ops]) => ops.test(result.name)),
    intensity: result.flops / result.bytes,
    rate: rate(result),
  }));
  const across = points.map(({ intensity }) => intensity), up = points.map((point) => point.rate);
  const x = logarithmic(Math.min(ridge / 10, ...across), Math.max(ridge * 10, ...across), LEFT, RIGHT);
  const y = logarithmic(Math.min(...up), Math.max(limits.gflops, ...up), BOTTOM, TOP);
  return page(
    {
      width: WIDTH,
      height: HEIGHT,
      heading: "Ops under the roof of this adapter",
      lines: provenance(rows),
    },
    grid(x, y),
    roof(x, y, limits, ridge),
    ...points.map((point) => drawPoint(point, x, y)),
    labels(points, x, y),
    legend(points),
  );
}

function grid(x: Scale, y: Scale): string {
  return element(
    "g",
    {},
    ...x.ticks.map((tick) =>
      element("line", { class: "grid", x1: x(tick), x2: x(tick), y1: TOP, y2: BOTTOM }) +
      text(x(tick), BOTTOM + 14, String(tick), { class: "tick", "text-anchor": "middle" })
    ),
    ...y.ticks.map((tick) =>
      element("line", { class: "grid", x1: LEFT, x2: RIGHT, y1: y(tick), y2: y(tick) }) +
      text(LEFT - 6, y(tick) + 3, String(tick), { class: "tick", "text-anchor": "end" })
    ),
    text((LEFT + RIGHT) / 2, BOTTOM + 32, "operations a byte (each tensor counted once)", {
      class: "small",
      "text-anchor": "middle",
    }),
    text(LEFT - 40, TOP - 14, "GFLOP/s", { class: "small" }),
  );
}

/** The two limits; what lies below the frame is cut off. */
function roof(x: Scale, y: Scale, { gflops, gigabytes }: Result["limits"], ridge: number): string {
  const least = Math.max(x.ticks[0]!, y.ticks[0]! / gigabytes), most = x.ticks.at(-1)!;
  const corners = [[least, least * gigabytes], [ridge, gflops], [most, gflops]] as const;
  const slopeAt = ridge / 5,
    slope = 180 / Math.PI *
      Math.atan2(y(gflops) - y(least * gigabytes), x(ridge) - x(least));
  const [labelX, labelY] = [x(slopeAt), y(slopeAt * gigabytes)];
  return element(
    "g",
    {},
    element("polyline", {
      class: "limit",
      points: corners.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(" "),
    }),
    text(x(most) - 4, y(gflops) + 14, `multiply-adds in registers ${significant(gflops)} GFLOP/s`, {
      class: "limit-text",
      "text-anchor": "end",
    }),
    text(labelX, labelY - 7, `copies ${significant(gigabytes)} GB/s`, {
      class: "limit-text",
      "text-anchor": "middle",
      transform: `rotate(${slope.toFixed(1)} ${labelX.toFixed(1)} ${labelY.toFixed(1)})`,
    }),
  );
}

function drawPoint({ result, family, intensity, rate }: Point, x: Scale, y: Scale): string {
  const { gflops, gigabytes } = result.limits, bound = Math.min(gflops, gigabytes * intensity);
  return element(
    "circle",
    { cx: x(intensity), cy: y(rate), r: RADIUS, fill: colourOf(family), "fill-opacity": "0.85" },
    title(
      `${result.name} ${result.shape}: ${significant(rate)} GFLOP/s, ${
        (100 * rate / bound).toFixed(0)
      } % of the roof`,
    ),
  );
}

const colourOf = (family: number): string => COLOURS[1 + family] ?? COLOURS[0];

/** The best point of each op has its name, where there is room. */
function labels(points: readonly Point[], x: Scale, y: Scale): string {
  const best = [...Map.groupBy(points, ({ result }) => result.name).values()].map((same) =>
    same.reduce((a, b) => b.rate > a.rate ? b : a)
  );
  const placed = placeLabels(
    best.map(({ result, intensity, rate }) => ({ content: result.name, x: x(intensity), y: y(rate) })),
    points.map(({ intensity, rate }) => ({ x: x(intensity), y: y(rate) })),
    { radius: RADIUS, right: RIGHT, left: LEFT },
  );
  return element(
    "g",
    {},
    ...placed.map(({ content, x, y, anchor }) =>
      text(x, y, content, { class: "tick halo", "text-anchor": anchor })
    ),
  );
}

function legend(points: readonly Point[]): string {
  let x = LEFT + 60;
  return element(
    "g",
    {},
    ...FAMILIES.flatMap(([label], family) => {
      if (!points.some((point) => point.family === family)) return [];
      const at = x;
      x += 24 + 6.6 * label.length;
      return [
        element("circle", { cx: at, cy: TOP - 18, r: RADIUS, fill: colourOf(family) }) +
        text(at + 9, TOP - 14, label, { class: "small" }),
      ];
    }),
  );
}
