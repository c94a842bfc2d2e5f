/** The memory map: temporaries as bars over the step, at their places in the pool; where they take most, and why. */
import { h, replace, s } from "./dom.ts";
import { bytesText, counted, percent } from "./format.ts";
import { chooseButton, nameOf, section, type Shared } from "./parts.ts";
import { familyOf, phaseOf } from "./step.ts";

const WIDTH = 1000, HEIGHT = 260, CURVE = 90, LISTED = 8;
/** Slots start at multiples of this many bytes. */
const ALIGNMENT = 256;

/** The section. */
export function memory(shared: Shared): HTMLElement {
  const { recording: { slots, dispatches, pool }, places, choice } = shared, count = dispatches.length;
  const temporaries = slots.filter(({ role }) => role === "temporary");
  const held = ({ bytes }: { bytes: number }) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
  const aliveAt = (index: number) => temporaries.filter(({ first, last }) => first <= index && index <= last);
  const sum = (some: readonly { bytes: number }[]) => some.reduce((total, slot) => total + held(slot), 0);
  const curve = dispatches.map((_, i) => sum(aliveAt(i))),
    most = Math.max(...curve),
    peak = curve.indexOf(most);
  const poolBytes = pool.reduce((total, bytes) => total + bytes, 0);
  const bases = pool.map((_, i) => pool.slice(0, i).reduce((total, bytes) => total + bytes, 0));
  const x = (dispatch: number) => WIDTH * dispatch / count;
  const y = (bytes: number) => HEIGHT * bytes / poolBytes;

  const bars = temporaries.map((slot) => {
    const { first, last, place } = slot;
    const bar = s("rect", {
      ...{ class: `slot family-${familyOf(dispatches[first]!.op)}`, x: x(first), width: x(last - first + 1) },
      ...{ y: y(bases[place!.buffer]! + place!.offset), height: Math.max(0.4, y(held(slot)) - 0.2) },
    });
    return { slot, bar };
  });
  const markers = [CURVE, HEIGHT].map((height) => s("rect", { class: "marker", y: 0, height, width: 2 }));
  const at = (event: MouseEvent) => {
    const { left, width } = (event.currentTarget as Element).getBoundingClientRect();
    choice.choose(Math.floor(count * (event.clientX - left) / width));
  };
  const drawing = (height: number, label: string, ...children: Parameters<typeof s>[2][]) =>
    s("svg", {
      ...{ viewBox: `0 0 ${WIDTH} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": label },
      ...{ class: "map", style: `height: ${height}px`, click: at },
    }, children);
  const outline = curve.map((bytes, i) => {
    const top = CURVE - CURVE * bytes / most;
    return `${x(i).toFixed(1)},${top.toFixed(1)} ${x(i + 1).toFixed(1)},${top.toFixed(1)}`;
  }).join(" ");

  const now = h("div", { class: "now" });
  choice.follow((index) => {
    for (const marker of markers) marker.setAttribute("x", String(x(index)));
    for (const { slot, bar } of bars) {
      bar.classList.toggle("alive", slot.first <= index && index <= slot.last);
    }
    const alive = aliveAt(index).sort((a, b) => b.bytes - a.bytes);
    replace(
      now,
      h(
        "h3",
        {},
        `Alive at dispatch ${index}: ${counted(alive.length, "slot")}, ${bytesText(curve[index]!)}`,
      ),
      h(
        "div",
        { class: "scroll", tabindex: 0, role: "region", "aria-label": "The largest slots that are alive" },
        h(
          "table",
          {},
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              ["slot", "bytes", "made by", "last used by"].map((name) => h("th", { scope: "col" }, name)),
            ),
          ),
          h(
            "tbody",
            {},
            alive.slice(0, LISTED).map(({ name, bytes, first, last }) =>
              h(
                "tr",
                {},
                h("th", { scope: "row" }, name),
                h("td", { class: "number" }, bytesText(bytes)),
                h("td", { class: "word" }, chooseButton(shared, first)),
                h("td", { class: "word" }, chooseButton(shared, last)),
              )
            ),
          ),
        ),
      ),
    );
  });

  const byPhase = Map.groupBy(aliveAt(peak), ({ first }) => phaseOf(places[first]!));
  const why = [...byPhase].map(([phase, some]) => [phase, some, sum(some)] as const).sort((a, b) =>
    b[2] - a[2]
  );
  const stays = [...Map.groupBy(slots.filter(({ role }) => role !== "temporary"), ({ role }) => role)];
  return section(
    "memory",
    "Memory",
    h(
      "p",
      {},
      `Temporaries take most, ${bytesText(most)} in ${counted(aliveAt(peak).length, "slot")}, at `,
      chooseButton(shared, peak, `dispatch ${peak}, ${nameOf(shared, peak)}`),
      ": ",
      why.map(([phase, some, bytes], i) =>
        `${i > 0 ? "; " : ""}${bytesText(bytes)} (${percent(bytes / most)}) in ${
          counted(some.length, "slot")
        } made by ${phase}${phase === "student forward" ? ", kept for the way back" : ""}`
      ),
      ". ",
      `The plan puts all ${counted(temporaries.length, "temporary", "temporaries")}, ${
        bytesText(sum(temporaries))
      } together, into ${bytesText(poolBytes)} of ${counted(pool.length, "buffer")}.`,
    ),
    h(
      "p",
      { class: "fine" },
      "Above: bytes alive at each dispatch. Below: each slot from its first dispatch to its last, " +
        "at its place in the pool; bright ones are alive at the chosen dispatch.",
    ),
    drawing(
      CURVE,
      `Bytes alive over the step: at most ${bytesText(most)}, at dispatch ${peak}`,
      s("polygon", { class: "curve", points: `0,${CURVE} ${outline} ${WIDTH},${CURVE}` }),
      markers[0],
    ),
    drawing(
      HEIGHT,
      `${counted(temporaries.length, "temporary", "temporaries")} at their places in the pool`,
      bars.map(({ bar }) => bar),
      markers[1],
    ),
    now,
    h("h3", {}, "What stays from step to step"),
    h(
      "ul",
      {},
      stays.map(([role, some]) =>
        h(
          "li",
          {},
          h("b", {}, role),
          `: ${bytesText(some.reduce((n, { bytes }) => n + bytes, 0))} in ${counted(some.length, "slot")}: ${
            [...new Set(some.map(({ name }) => name))].join(", ")
          }`,
        )
      ),
    ),
  );
}
