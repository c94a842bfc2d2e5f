/** The graph of data flow, level by level: the way forth down the left, the way back up the right. */
import { h, replace, s } from "./dom.ts";
import { counted, shapeText, timeText } from "./format.ts";
import { type Box, type Level, levelAt } from "./levels.ts";
import { section, type Shared, timeOf } from "./parts.ts";
import { familyOf } from "./step.ts";

/** The section, and a way for other parts to open it at a path. */
export function graph(
  shared: Shared,
): { readonly element: HTMLElement; open(path: readonly string[]): void } {
  const { recording: { dispatches }, places, flow, choice } = shared;
  const crumbs = h("nav", { "aria-label": "Where in the model" }), stage = h("div", { class: "stage" });
  const told = h("p", { class: "fine", role: "status" });
  let path: readonly string[] = [], buttons: HTMLElement[] = [], level: Level = { boxes: [], edges: [] };

  function open(wanted: readonly string[]): void {
    path = wanted;
    level = levelAt(path, dispatches, places, flow);
    buttons = level.boxes.map(boxButton);
    const side = (backward: boolean) =>
      level.boxes.flatMap((box, i) => box.backward === backward ? [h("li", {}, buttons[i])] : []);
    const back = side(true);
    replace(
      crumbs,
      ["step", ...path].map((name, i) => [
        i > 0 && " › ",
        i === path.length
          ? h("b", { "aria-current": "location" }, name)
          : h("button", { type: "button", class: "link", click: () => open(path.slice(0, i)) }, name),
      ]),
    );
    replace(
      stage,
      h("div", {}, h("h3", {}, "forward, downwards"), h("ol", {}, side(false))),
      back.length > 0 && h("div", {}, h("h3", {}, "backward, upwards"), h("ol", { class: "upwards" }, back)),
    );
    const within = level.boxes.flatMap((box) => box.dispatches);
    replace(
      told,
      `${counted(within.length, "dispatch", "dispatches")}, ${
        timeText(timeOf(within.map((i) => dispatches[i]!)))
      }; ${counted(level.edges.length, "flow")} between ${counted(level.boxes.length, "box", "boxes")}`,
    );
    mark(choice.index);
    drawEdges();
  }

  function boxButton(box: Box): HTMLElement {
    const { name, opens, dispatches: own } = box, first = own[0]!, only = dispatches[first]!;
    const time = timeText(timeOf(own.map((i) => dispatches[i]!)));
    const made = only.tensors.filter(({ write }) => write).map(({ name, shape }) =>
      `${name} ${shapeText(shape)}`
    );
    return h(
      "button",
      {
        ...{ type: "button", class: `box ${opens ? "" : `edge-${familyOf(only.op)}`}` },
        click: () => opens ? open([...path, name]) : choice.choose(first),
      },
      h("b", {}, name),
      h(
        "small",
        {},
        opens
          ? `${counted(own.length, "dispatch", "dispatches")}, ${time}`
          : `${first}: ${made.join(", ")}, ${time}`,
      ),
    );
  }

  function mark(index: number): void {
    level.boxes.forEach((box, i) => {
      if (box.dispatches.includes(index)) buttons[i]!.setAttribute("aria-current", "true");
      else buttons[i]!.removeAttribute("aria-current");
    });
  }

  /** Curves between the boxes as they stand: measured, so that they fit every width. */
  function drawEdges(): void {
    stage.querySelector("svg")?.remove();
    const frame = stage.getBoundingClientRect();
    const places = buttons.map((button) => {
      const { left, right, top, bottom } = button.getBoundingClientRect();
      return {
        left: left - frame.left,
        right: right - frame.left,
        top: top - frame.top,
        bottom: bottom - frame.top,
      };
    });
    /** The box below in the same direction, above on the way back. */
    const next = (at: number) =>
      level.boxes.findIndex((box, i) => i > at && box.backward === level.boxes[at]!.backward);
    const lines = level.edges.map(({ from, to, tensors }) => {
      const a = places[from]!,
        b = places[to]!,
        across = level.boxes[from]!.backward !== level.boxes[to]!.backward;
      return s("path", {
        ...{
          class: across ? "flow across" : "flow",
          "stroke-width": Math.min(4, 1 + Math.log2(tensors) / 2),
        },
        ...{
          d: across ? acrossPath(a, b) : sidePath(a, b, level.boxes[from]!.backward, to === next(from)),
          "marker-end": "url(#tip)",
        },
      });
    });
    stage.prepend(
      s(
        "svg",
        { class: "flows", width: frame.width, height: frame.height, "aria-hidden": "true" },
        s(
          "defs",
          {},
          s("marker", {
            id: "tip",
            viewBox: "0 0 6 6",
            refX: 5,
            refY: 3,
            markerWidth: 6,
            markerHeight: 6,
            markerUnits: "userSpaceOnUse",
            orient: "auto",
          }, s("path", { class: "tip", d: "M0,0 L6,3 L0,6 Z" })),
        ),
        lines,
      ),
    );
  }

  choice.follow(mark);
  new ResizeObserver(drawEdges).observe(stage);
  open([]);
  const element = section(
    "graph",
    "Data flow",
    h(
      "p",
      { class: "fine" },
      "From the step to a model, a block, an op, a kernel. Lines on the sides pass values on in one " +
        "direction; lines across are what the way back needs of the way forth.",
    ),
    crumbs,
    told,
    stage,
  );
  return { element, open };
}

interface Edges {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const middle = ({ top, bottom }: Edges) => (top + bottom) / 2;

/** Between neighbours (`near`) straight, else in a bow beside the column: as wide as the way is long. */
function sidePath(a: Edges, b: Edges, backward: boolean, near: boolean): string {
  const down = b.top > a.top, gap = down ? b.top - a.bottom : a.top - b.bottom, x = (a.left + a.right) / 2;
  if (near) return `M${x},${down ? a.bottom : a.top} L${x},${down ? b.top : b.bottom}`;
  const bow = Math.min(26, 6 + gap / 12),
    side = backward ? a.right : a.left,
    out = side + (backward ? bow : -bow);
  return `M${side},${middle(a)} C${out},${middle(a)} ${out},${middle(b)} ${side},${middle(b)}`;
}

function acrossPath(a: Edges, b: Edges): string {
  const [from, to] = a.left < b.left ? [a.right, b.left] : [a.left, b.right], half = (from + to) / 2;
  return `M${from},${middle(a)} C${half},${middle(a)} ${half},${middle(b)} ${to},${middle(b)}`;
}
