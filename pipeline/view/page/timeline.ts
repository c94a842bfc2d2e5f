/** The timeline: every dispatch at its time, phase by phase, and the neighbours of the chosen one by name. */
import { h, replace, s } from "./dom.ts";
import { counted, percent, timeText } from "./format.ts";
import { chooseButton, section, type Shared, timeOf } from "./parts.ts";
import { FAMILY_NAMES, familyOf, phaseOf, PHASES } from "./step.ts";

/** Neighbours on either side that have their names. */
const AROUND = 6;
const WIDTH = 1000, HEIGHT = 24;

/** The section. */
export function timeline(shared: Shared): HTMLElement {
  const { recording: { dispatches, about }, places, choice } = shared, total = timeOf(dispatches);
  const starts: number[] = [];
  dispatches.reduce((at, { milliseconds }, i) => (starts[i] = at) + milliseconds, 0);
  const x = (milliseconds: number) => WIDTH * milliseconds / total;
  const markers: SVGElement[] = [];

  const strip = (phase: typeof PHASES[number]) => {
    const own = dispatches.flatMap((_, i) => phaseOf(places[i]!) === phase ? [i] : []);
    if (own.length === 0) return undefined;
    const marker = s("rect", { class: "marker", y: 0, height: HEIGHT });
    markers.push(marker);
    const bars = own.map((i) => {
      const { milliseconds, op } = dispatches[i]!;
      return s("rect", {
        ...{
          class: `family-${familyOf(op)}`,
          x: x(starts[i]!),
          width: Math.max(0.3, x(milliseconds) - 0.15),
        },
        ...{ y: 3, height: HEIGHT - 6 },
      });
    });
    const ms = timeOf(own.map((i) => dispatches[i]!));
    const told = `${counted(own.length, "dispatch", "dispatches")}, ${timeText(ms)}, ${percent(ms / total)}`;
    return h(
      "div",
      { class: "strip" },
      h("span", {}, h("b", {}, phase), " ", h("small", {}, told)),
      s(
        "svg",
        {
          ...{ viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" },
          ...{ "aria-label": `${phase}: ${told}`, click: (event: MouseEvent) => chooseAt(event) },
        },
        bars,
        marker,
      ),
    );
  };

  function chooseAt(event: MouseEvent): void {
    const { left, width } = (event.currentTarget as Element).getBoundingClientRect();
    const wanted = total * (event.clientX - left) / width;
    choice.choose(starts.findLastIndex((start) => start <= wanted));
  }

  const near = h("ol", { class: "near", "aria-label": "Dispatches around the chosen one" });
  const strips = PHASES.map(strip);
  choice.follow((index) => {
    for (const marker of markers) {
      marker.setAttribute("x", String(x(starts[index]!) - 1));
      marker.setAttribute("width", String(Math.max(2.5, x(dispatches[index]!.milliseconds) + 2)));
    }
    const first = Math.max(0, Math.min(index - AROUND, dispatches.length - 2 * AROUND - 1));
    const shown = dispatches.slice(first, first + 2 * AROUND + 1);
    const longest = Math.max(...shown.map(({ milliseconds }) => milliseconds));
    replace(
      near,
      shown.map(({ milliseconds, op }, i) =>
        h(
          "li",
          first + i === index ? { "aria-current": "true" } : {},
          chooseButton(shared, first + i),
          h(
            "span",
            { class: "bar", "aria-hidden": "true" },
            h("span", {
              class: `fill family-${familyOf(op)}`,
              style: `width: ${Math.max(1, 100 * milliseconds / longest)}%`,
            }),
          ),
          h("small", { class: "number" }, timeText(milliseconds)),
        )
      ),
    );
  });
  return section(
    "timeline",
    "Timeline",
    h(
      "p",
      { class: "fine" },
      `${timeText(total)} on the clock of ${about.adapter}; each dispatch the median of `,
      `${about.timedRuns} runs in a pass of its own. Choose one in a strip or by name.`,
    ),
    h(
      "ul",
      { class: "legend" },
      FAMILY_NAMES.map((name) =>
        h("li", {}, h("span", { class: `dot family-${name}`, "aria-hidden": "true" }), name)
      ),
    ),
    strips,
    near,
  );
}
