/** The chosen dispatch: formula, cost, place under the roofline, tensors, kernel, and the kernel to run here. */
import { h, replace } from "./dom.ts";
import { editor } from "./editor.ts";
import { bytesText, grouped, percent, shapeText, significant, timeText } from "./format.ts";
import { listing } from "./listing.ts";
import { section, type Shared } from "./parts.ts";
import { roofline, standingOf } from "./roofline.ts";
import { placeText } from "./step.ts";
import { tensorList } from "./tensors.ts";

/** The section; `openGraph` shows where in the model the dispatch stands. */
export function detail(shared: Shared, openGraph: (path: readonly string[]) => void): HTMLElement {
  const body = h("div");
  let timer: ReturnType<typeof setTimeout> | undefined;
  shared.choice.follow((index) => {
    // A slider on its way passes many dispatches: only where it rests is all of this drawn.
    clearTimeout(timer);
    timer = setTimeout(
      () => replace(body, ...contents(shared, index, openGraph)),
      body.childElementCount === 0 ? 0 : 60,
    );
  });
  return section("detail", "The dispatch", body);
}

function contents(
  shared: Shared,
  index: number,
  openGraph: (path: readonly string[]) => void,
): HTMLElement[] {
  const { recording, places } = shared, dispatch = recording.dispatches[index]!;
  const kernel = recording.kernels[dispatch.kernel]!,
    place = places[index]!,
    standing = standingOf(shared, index);
  const part = (heading: string, ...children: Parameters<typeof h>[2][]) =>
    h("div", { class: "part" }, h("h3", {}, heading), children);
  const fact = (name: string, value: string, more = "") =>
    h("div", {}, h("dt", {}, name), h("dd", {}, value, more && h("small", {}, more)));
  return [
    h(
      "p",
      { class: "verdict" },
      h("b", {}, `${index} ${dispatch.op}`),
      " in ",
      h("button", { type: "button", class: "link", click: () => openGraph(place.path) }, placeText(place)),
    ),
    h("p", { class: "formula" }, dispatch.formula ?? headerOf(kernel.code)),
    h(
      "dl",
      { class: "tiles" },
      fact("time", timeText(dispatch.milliseconds)),
      fact("of the limit", percent(standing.share), standing.bound),
      fact("bytes", bytesText(dispatch.bytes), `${significant(standing.gigabytes)} GB/s`),
      fact("operations", grouped(dispatch.flops), `${significant(standing.gflops)} GFLOP/s`),
      fact(
        "grid",
        shapeText(dispatch.grid),
        dispatch.joined ? `${dispatch.joined} dispatches in one` : "workgroups",
      ),
    ),
    roofline(shared, index),
    part("What it reads and writes", tensorList(shared, index)),
    part(
      "Its kernel",
      h(
        "p",
        { class: "fine" },
        h("code", {}, kernel.file),
        " ",
        knobText(kernel.knobs),
        Object.keys(dispatch.params).length > 0 &&
          `; parameters ${
            Object.entries(dispatch.params).map(([name, value]) => `${name} ${significant(value)}`).join(", ")
          }`,
      ),
      listing(shared, index),
    ),
    part("Run it here", editor(shared, index)),
  ];
}

const knobText = (knobs: Readonly<Record<string, string | number | boolean>>): string =>
  Object.keys(knobs).length === 0
    ? "with no knob set"
    : `with its knobs ${Object.entries(knobs).map(([name, value]) => `${name} = ${value}`).join(", ")}`;

/** The comment that a kernel begins with. */
function headerOf(code: string): string {
  const lines = code.split("\n"), end = lines.findIndex((line) => !line.startsWith("//"));
  return lines.slice(0, Math.max(0, end)).map((line) => line.replace(/^\/\/\s?/, "")).join(" ");
}
