/** The kernel as it is compiled, line by line; the line that is chosen is explained. */
import { h, replace } from "./dom.ts";
import { explainLine } from "./explain_line.ts";
import type { Shared } from "./parts.ts";

/** A list of lines. Arrow keys, Home and End move; a click chooses. */
export function listing({ recording }: Shared, index: number): HTMLElement {
  const dispatch = recording.dispatches[index]!, kernel = recording.kernels[dispatch.kernel]!;
  const lines = kernel.code.trimEnd().split("\n"), knobs = new Set(Object.keys(kernel.knobs));
  const explained = h("dl", { class: "meanings" });
  const start = Math.max(0, lines.findIndex((line) => /^@compute/.test(line)) + 1);
  const items = lines.map((line, i) =>
    h(
      "li",
      {
        ...{ id: `line-${i}`, role: "option", "aria-selected": "false", click: () => choose(i) },
        class: knobs.has(/^(?:const|alias) (\w+)/.exec(line)?.[1] ?? "")
          ? "knob"
          : line.trim().startsWith("//")
          ? "comment"
          : "",
      },
      h("span", { class: "line", "aria-hidden": "true" }, i + 1),
      line === "" ? h("span", { class: "unseen" }, "empty line") : line,
    )
  );
  let chosen = start;
  const list = h("ol", {
    ...{ class: "listing", role: "listbox", tabindex: 0, "aria-label": `Lines of ${kernel.file}` },
    keydown: (event: KeyboardEvent) => {
      const to = { ArrowUp: chosen - 1, ArrowDown: chosen + 1, Home: 0, End: lines.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      choose(Math.min(lines.length - 1, Math.max(0, to)));
      items[chosen]!.scrollIntoView({ block: "nearest" });
    },
  }, items);

  function choose(line: number): void {
    items[chosen]!.setAttribute("aria-selected", "false");
    items[chosen = line]!.setAttribute("aria-selected", "true");
    list.setAttribute("aria-activedescendant", `line-${line}`);
    const meanings = explainLine(lines[line]!, dispatch, kernel, recording.slots);
    replace(
      explained,
      h("dt", {}, `Line ${line + 1}`),
      h("dd", {}, meanings.length === 0 ? `${lines[line]!.trim() || "empty"}` : ""),
      meanings.map(({ name, text }) => h("div", {}, h("dt", {}, h("code", {}, name)), h("dd", {}, text))),
    );
  }
  choose(start);
  return h("div", {}, list, h("div", { role: "status" }, explained));
}
