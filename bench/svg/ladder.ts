import {
  COLOURS,
  element,
  HEAD,
  linear,
  MARGIN,
  page,
  type Scale,
  text,
  title,
} from "../../pipeline/svg/mod.ts";
import { significant } from "../report.ts";
import type { Result } from "../results.ts";
import { latest, provenance, rate } from "./results.ts";

const WIDTH = 1000, BAR = 15, GAP = 10, LABELS = 128, VALUES = 46, PANEL_HEAD = 34, PANEL_FOOT = 30;
const PANEL = (WIDTH - 3 * MARGIN) / 2;

interface Bar {
  readonly label: string;
  readonly result: Result;
}

interface Group {
  readonly label: string;
  readonly bars: readonly Bar[];
}

/**
 * The ladder as bars: a panel for each size, in it each layout's variants and, where they were measured too, other
 * libraries (grey), all against what multiply-adds in registers reach on the same adapter. Undefined where there are no
 * rows of the ladder.
 */
export function ladderChart(results: readonly Result[]): string | undefined {
  const rows = latest(results).filter(({ benchmark }) => benchmark === "ladder");
  if (rows.length === 0) return undefined;
  const peers = latest(results).filter(({ benchmark }) => benchmark === "peers");
  const variants = [...new Set(rows.map(({ name }) => split(name)[1]))];
  const shapes = [...new Set(rows.map(({ shape }) => shape))];
  const panels = shapes.map((shape) => ({ shape, groups: groupsOf(shape, rows, peers) }));
  const heights = panels.map(({ groups }) =>
    PANEL_HEAD + PANEL_FOOT + groups.reduce((sum, { bars }) => sum + bars.length * BAR + GAP, 0)
  );
  let y = HEAD + 8;
  const drawing = panels.map(({ shape, groups }, i) => {
    const x = MARGIN + i % 2 * (PANEL + MARGIN), top = y, row = heights.slice(i - i % 2, i - i % 2 + 2);
    if (i % 2 === 1 || i === panels.length - 1) y += Math.max(...row) + GAP;
    return drawPanel({ x, y: top, shape, groups, variants });
  });
  return page({
    width: WIDTH,
    height: y + MARGIN / 2,
    heading: "Products of matrices, GFLOP/s",
    lines: provenance(rows),
  }, ...drawing);
}

/** `NN tiled` as layout and variant. */
function split(name: string): [layout: string, variant: string] {
  const [layout, ...variant] = name.split(" ");
  return [layout!, variant.join(" ")];
}

function groupsOf(shape: string, rows: readonly Result[], peers: readonly Result[]): Group[] {
  const own = Map.groupBy(rows.filter((row) => row.shape === shape), ({ name }) => split(name)[0]);
  return [...own].map(([layout, found]): Group => {
    const others = peers.filter((peer) => peer.shape === shape && peer.name === `matmul ${layout}`);
    return {
      label: layout,
      bars: [
        ...found.map((result) => ({ label: split(result.name)[1], result })),
        ...others.map((result) => ({ label: result.kernel, result })),
      ],
    };
  });
}

function drawPanel({ x, y, shape, groups, variants }: {
  readonly x: number;
  readonly y: number;
  readonly shape: string;
  readonly groups: readonly Group[];
  readonly variants: readonly string[];
}): string {
  const results = groups.flatMap(({ bars }) => bars.map(({ result }) => result));
  const limit = results[0]!.limits.gflops;
  const scale = linear(Math.max(limit, ...results.map(rate)), x + LABELS, x + PANEL - VALUES);
  const top = y + PANEL_HEAD;
  let at = top;
  const drawn = groups.map((group) => {
    const start = at;
    at += group.bars.length * BAR + GAP;
    return drawGroup(group, x, start, scale, (label) => COLOURS[1 + variants.indexOf(label)] ?? COLOURS[0]);
  });
  const bottom = at - GAP / 2, limitAt = scale(limit);
  return element(
    "g",
    {},
    text(x, y + 14, shape.replaceAll("x", " × "), { class: "group" }),
    ...scale.ticks.map((tick) =>
      element("line", { class: "grid", x1: scale(tick), x2: scale(tick), y1: top - 4, y2: bottom }) +
      text(scale(tick), bottom + 12, String(tick), { class: "tick", "text-anchor": "middle" })
    ),
    ...drawn,
    element("line", { class: "limit dashed", x1: limitAt, x2: limitAt, y1: top - 8, y2: bottom }),
    text(limitAt, top - 12, `multiply-adds in registers ${significant(limit)}`, {
      class: "limit-text",
      "text-anchor": "end",
    }),
  );
}

function drawGroup(
  { label, bars }: Group,
  x: number,
  y: number,
  scale: Scale,
  colourOf: (variant: string) => string,
): string {
  const drawn = bars.map(({ label: variant, result }, i) => {
    const top = y + i * BAR, value = rate(result), end = scale(value);
    const { p50, n } = result.time!, share = (100 * value / result.limits.gflops).toFixed(0);
    return element(
      "g",
      {},
      title(`${result.name} ${result.shape}: median ${significant(p50)} ms of ${n}, ${share} % of the limit`),
      text(x + LABELS - 6, top + BAR - 4, variant, { class: "small", "text-anchor": "end" }),
      element("rect", {
        x: scale(0),
        y: top + 1,
        width: Math.max(1, end - scale(0)),
        height: BAR - 2,
        fill: colourOf(variant),
      }),
      text(end + 4, top + BAR - 4, significant(value), { class: "small halo" }),
    );
  });
  return element("g", {}, text(x, y + BAR - 4, label, { class: "small group" }), ...drawn);
}
