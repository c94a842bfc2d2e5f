/** What every part of the page is given. */
import type { RecordedDispatch } from "../recording.ts";
import type { Choice } from "./choice.ts";
import type { Opened } from "./data.ts";
import { h } from "./dom.ts";
import { familyOf, type Flow, type Place, placeText } from "./step.ts";

/** The recording, what follows from it, and the choice that all parts share. */
export interface Shared extends Opened {
  readonly places: readonly Place[];
  readonly flow: Flow;
  readonly choice: Choice;
}

/** `matmul in student, block 3, mlp` */
export const nameOf = ({ recording, places }: Shared, index: number): string =>
  `${recording.dispatches[index]!.op} in ${placeText(places[index]!)}`;

/** A button that chooses a dispatch, with the colour of its family. */
export function chooseButton(
  shared: Shared,
  index: number,
  text = `${index} ${nameOf(shared, index)}`,
): HTMLElement {
  const { op } = shared.recording.dispatches[index]!;
  return h(
    "button",
    { type: "button", class: "link", click: () => shared.choice.choose(index) },
    h("span", { class: `dot family-${familyOf(op)}`, "aria-hidden": "true" }),
    text,
  );
}

/** A part of the page with its heading. */
export function section(id: string, heading: string, ...children: Parameters<typeof h>[2][]): HTMLElement {
  return h(
    "section",
    { id, "aria-labelledby": `${id}-heading` },
    h("h2", { id: `${id}-heading` }, heading),
    children,
  );
}

/** Milliseconds of dispatches together. */
export const timeOf = (dispatches: readonly RecordedDispatch[]): number =>
  dispatches.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
