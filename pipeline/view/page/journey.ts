/** One token's journey, as an animation that can be stopped and stepped. */
import { h, replace, s } from "./dom.ts";
import { percent, significant } from "./format.ts";
import { paint } from "./heat.ts";
import { chooseButton, section, type Shared } from "./parts.ts";
import { guesses, rowAt, type Stop, stopsOf } from "./stops.ts";

const WIDTH = 720, HEIGHT = 132, EDGE = 24;
/** Milliseconds at a stop while it plays. */
const PAUSE = 1400;
const GUESSES = 3;

/** The section. Who asked for less motion sees steps and no movement, and nothing plays by itself in any case. */
export function journey(shared: Shared): HTMLElement {
  const { recording, places } = shared,
    { tokens, dispatches } = recording,
    stops = stopsOf(recording, places);
  if (stops.length === 0) {
    return section("journey", "One token's journey", h("p", {}, "This step has no way to show."));
  }
  const forth = stops.filter(({ backward }) => !backward).length,
    calm = matchMedia("(prefers-reduced-motion: reduce)");
  const point = (at: number): readonly [number, number] => {
    const back = at >= forth,
      along = back ? (at - forth) / Math.max(1, stops.length - forth - 1) : at / Math.max(1, forth - 1);
    const span = WIDTH - 2 * EDGE;
    return back ? [WIDTH - EDGE - span * along, HEIGHT - 34] : [EDGE + span * along, 34];
  };
  let at = 0,
    row = Math.min(tokens.length - 2, Math.max(0, Math.floor(tokens.length / 3))),
    timer: ReturnType<typeof setInterval> | undefined;

  const dot = s("circle", { class: "traveller", r: 9 });
  const marks = stops.map((stop, i) => {
    const [x, y] = point(i);
    return s("circle", { class: `stop kind-${stop.name.split(" ").at(-1)}`, cx: x, cy: y, r: 4 });
  });
  const label = s("text", { class: "here", "text-anchor": "middle" });
  const picture = s(
    "svg",
    {
      class: "way",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: "img",
      "aria-label": "The way: up to the loss, and back",
    },
    s("polyline", { class: "rail", points: stops.map((_, i) => point(i).join(",")).join(" ") }),
    marks,
    dot,
    label,
  );
  const slider = h("input", {
    ...{ type: "range", min: 0, max: stops.length - 1, value: 0, "aria-label": "Stop of the journey" },
    input: () => (stopPlaying(), go(slider.valueAsNumber)),
  });
  const button = (text: string, act: () => void) => h("button", { type: "button", click: act }, text);
  const play = button("Play", () => timer === undefined ? startPlaying() : stopPlaying());
  const chooser = h(
    "select",
    { id: "token", change: () => (row = Number(chooser.value), go(at)) },
    tokens.slice(0, -1).map(({ text }, t) =>
      h("option", { value: t, selected: t === row }, `${t}: ${JSON.stringify(text)}`)
    ),
  );
  const told = h("div", { class: "told" });

  function startPlaying(): void {
    if (at === stops.length - 1) go(0);
    timer = setInterval(() => at + 1 < stops.length ? go(at + 1) : stopPlaying(), PAUSE);
    replace(play, "Pause");
    told.removeAttribute("role"); // a reader is not told what plays on
  }
  function stopPlaying(): void {
    clearInterval(timer);
    timer = undefined;
    replace(play, "Play");
    told.setAttribute("role", "status");
  }
  function go(to: number): void {
    at = Math.min(stops.length - 1, Math.max(0, to));
    const stop = stops[at]!, [x, y] = point(at);
    dot.style.transform = `translate(${x}px, ${y}px)`;
    dot.classList.toggle("moves", !calm.matches);
    label.setAttribute("x", String(Math.min(WIDTH - 80, Math.max(80, x))));
    label.setAttribute("y", String(stop.backward ? HEIGHT - 8 : 16));
    replace(label, stop.name);
    marks.forEach((mark, i) => mark.classList.toggle("passed", i <= at));
    slider.value = String(at);
    slider.setAttribute(
      "aria-valuetext",
      `${at + 1} of ${stops.length}: ${stop.name}${stop.backward ? ", backward" : ""}`,
    );
    replace(told, ...tell(stop));
  }

  function tell(stop: Stop): HTMLElement[] {
    const token = tokens[row]!, grid = rowAt(shared, stop, row);
    const strip = h("canvas", { role: "img", class: "strip-of-row" });
    if (grid) paint(strip, grid);
    const words = `${stop.backward ? "Gradient of" : "State of"} ${JSON.stringify(token.text)}, ${
      grid
        ? `${grid.columns} of ${stop.tensor.shape.at(-1)} values, strongest colour ${significant(grid.scale)}`
        : "not kept"
    }`;
    strip.setAttribute("aria-label", words);
    return [
      h(
        "h3",
        {},
        `${at + 1} of ${stops.length}: ${stop.name || "loss"}${stop.backward ? ", on the way back" : ""}`,
      ),
      h("p", {}, stop.text),
      h("figure", { class: "heat" }, strip, h("figcaption", {}, words)),
      ...stop.name === "loss" && !stop.backward ? [opinions()] : [],
      h("p", {}, "Finished by ", chooseButton(shared, stop.index), "."),
    ];
  }

  /** What both models expect there. */
  function opinions(): HTMLElement {
    const { vocabulary } = recording;
    const makers = dispatches.filter(({ op }) => op === "logits").slice(0, 2);
    const line = (who: string, dispatch: typeof dispatches[number] | undefined) =>
      dispatch &&
      h(
        "li",
        {},
        h("b", {}, who),
        ": ",
        guesses(shared, dispatch, row, GUESSES).map(({ id, probability }, i) =>
          `${i > 0 ? ", " : ""}${JSON.stringify(vocabulary[id])} ${percent(probability)}`
        ),
      );
    return h(
      "ul",
      {},
      h("li", {}, h("b", {}, "what came"), `: ${JSON.stringify(tokens[row]!.targetText)}`),
      line("student", makers[0]),
      line("teacher", makers[1]),
    );
  }

  go(0);
  stopPlaying();
  return section(
    "journey",
    "One token's journey",
    h("p", { class: "tokens", "aria-label": "The row" }, tokens.map(({ text }) => h("span", {}, text))),
    h(
      "div",
      { class: "row" },
      h("label", { for: "token" }, "Token"),
      chooser,
      button("Back", () => (stopPlaying(), go(at - 1))),
      play,
      button("Next", () => (stopPlaying(), go(at + 1))),
    ),
    slider,
    picture,
    told,
  );
}
