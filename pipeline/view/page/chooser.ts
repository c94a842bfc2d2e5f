/** The bar that stays on top: which dispatch is shown, by a slider, by buttons, by name. */
import { counted } from "./format.ts";
import { h, replace } from "./dom.ts";
import { nameOf, type Shared } from "./parts.ts";

/** The bar. Keys: the slider's own; the field takes a number, or a part of a name whose next match is chosen. */
export function chooser(shared: Shared): HTMLElement {
  const { recording: { dispatches }, choice } = shared, last = dispatches.length - 1;
  const told = h("output", { class: "chosen", for: "dispatch" });
  const slider = h("input", {
    ...{ id: "dispatch", type: "range", min: 0, max: last, value: choice.index },
    ...{ "aria-label": "Dispatch", input: () => choice.choose(slider.valueAsNumber) },
  });
  const status = h("span", { class: "fine", role: "status" });
  const field = h("input", {
    ...{ type: "search", placeholder: "number or name", "aria-label": "Find a dispatch by number or name" },
  });
  const find = (event: SubmitEvent) => {
    event.preventDefault();
    const words = field.value.trim().toLowerCase(), number = Number(words);
    if (/^\d+$/.test(words)) {
      choice.choose(number);
      return replace(status, number > last ? `Dispatches are 0 to ${last}` : "");
    }
    const names = dispatches.map((_, i) => nameOf(shared, i).toLowerCase());
    const matches = names.flatMap((name, i) =>
      words.split(/\s+/).every((word) => name.includes(word)) ? [i] : []
    );
    replace(status, words === "" ? "" : counted(matches.length, "match", "matches"));
    const next = matches.find((i) => i > choice.index) ?? matches[0];
    if (words !== "" && next !== undefined) choice.choose(next);
  };
  const step = (by: number, label: string, sign: string) =>
    h("button", { type: "button", "aria-label": label, click: () => choice.choose(choice.index + by) }, sign);
  choice.follow((index) => {
    slider.value = String(index);
    slider.setAttribute("aria-valuetext", `${index} of ${last}: ${nameOf(shared, index)}`);
    replace(told, h("b", {}, index), ` of ${last}: ${nameOf(shared, index)}`);
  });
  return h(
    "div",
    { class: "chooser", role: "region", "aria-label": "Choose a dispatch" },
    h("div", { class: "row" }, step(-1, "Dispatch before", "‹"), slider, step(1, "Next dispatch", "›")),
    h(
      "div",
      { class: "row" },
      told,
      h("form", { role: "search", submit: find }, field, h("button", {}, "Find"), status),
    ),
  );
}
