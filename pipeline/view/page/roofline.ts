/** Where a dispatch stands under what the adapter can do (Williams, Waterman and Patterson, 2009). */
import { h, s } from "./dom.ts";
import { percent, significant } from "./format.ts";
import type { Shared } from "./parts.ts";

const WIDTH = 320, HEIGHT = 180, LEFT = 8, BOTTOM = 20;

/** Rates of a dispatch, and what bounds them. */
export interface Standing {
  /** Operations a byte. */
  readonly intensity: number;
  readonly gflops: number;
  readonly gigabytes: number;
  /** Share of the limit that binds. */
  readonly share: number;
  readonly bound: "memory" | "arithmetic";
}

/** The standing of a dispatch. */
export function standingOf(
  { recording: { dispatches, about: { limits } } }: Shared,
  index: number,
): Standing {
  const { flops, bytes, milliseconds } = dispatches[index]!, time = Math.max(milliseconds, 1e-6);
  const gflops = flops / time / 1e6, gigabytes = bytes / time / 1e6;
  const shares = { memory: gigabytes / limits.gigabytes, arithmetic: gflops / limits.gflops };
  const bound = shares.memory >= shares.arithmetic ? "memory" : "arithmetic";
  return { intensity: flops / Math.max(bytes, 1), gflops, gigabytes, share: shares[bound], bound };
}

/** A small chart on two logarithmic scales: all dispatches faint, this one marked. */
export function roofline(shared: Shared, index: number): HTMLElement {
  const { recording: { dispatches, about: { limits } } } = shared, own = standingOf(shared, index);
  const all = dispatches.map((_, i) => standingOf(shared, i)).filter(({ gflops }) => gflops > 0);
  const ridge = limits.gflops / limits.gigabytes;
  const [least, most] = [Math.min(0.05, ridge / 20), Math.max(100, ridge * 10)];
  const low = limits.gflops / 1e5;
  const scale = (value: number, from: number, to: number) => Math.log(value / from) / Math.log(to / from);
  const x = (value: number) =>
    LEFT + (WIDTH - 2 * LEFT) * Math.min(1, Math.max(0, scale(value, least, most)));
  const y = (value: number) =>
    (HEIGHT - BOTTOM) * (1 - Math.min(1, Math.max(0, scale(value, low, limits.gflops * 4))));
  const point = ({ intensity, gflops }: Standing, attributes: Record<string, string | number>) =>
    s("circle", { cx: x(intensity), cy: y(gflops), ...attributes });
  const text = own.gflops === 0
    ? `It counts no operations: ${significant(own.gigabytes)} GB/s, ${
      percent(own.share)
    } of what copies reach.`
    : `${significant(own.intensity)} operations a byte, ${significant(own.gflops)} GFLOP/s and ${
      significant(own.gigabytes)
    } GB/s: ${percent(own.share)} of what ${own.bound} allows.`;
  return h(
    "figure",
    { class: "roofline" },
    s(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `Roofline. ${text}` },
      s("polyline", {
        class: "roof",
        points: [[least, least * limits.gigabytes], [ridge, limits.gflops], [most, limits.gflops]]
          .map(([a, b]) => `${x(a!)},${y(b!)}`).join(" "),
      }),
      all.map((standing) => point(standing, { r: 1.5, class: "other" })),
      own.gflops > 0 && point(own, { r: 5, class: "own" }),
      s("text", { x: LEFT, y: HEIGHT - 5 }, `${significant(least)} operations a byte`),
      s("text", { x: WIDTH - LEFT, y: HEIGHT - 5, "text-anchor": "end" }, significant(most)),
      s(
        "text",
        { x: WIDTH - LEFT, y: y(limits.gflops) + 16, "text-anchor": "end" },
        `${significant(limits.gflops)} GFLOP/s`,
      ),
      s("text", { x: LEFT, y: 12 }, `${significant(limits.gigabytes)} GB/s of copies`),
    ),
    h("figcaption", {}, text),
  );
}
