/** The kernel to run here: on the visitor's own WebGPU, with the recorded inputs, against the recorded outputs. */
import { compare } from "./compare.ts";
import { type Access, type Fault, openAccess, type Outcome, runKernel } from "./device.ts";
import { h, replace } from "./dom.ts";
import { counted, grouped, significant, timeText } from "./format.ts";
import { gridOfValues, heatMap, rowLength } from "./heat.ts";
import type { Shared } from "./parts.ts";

/** An editor with a button that runs its text. */
export function editor(shared: Shared, index: number): HTMLElement {
  const { recording } = shared,
    dispatch = recording.dispatches[index]!,
    kernel = recording.kernels[dispatch.kernel]!;
  if (!dispatch.kept) {
    return h(
      "p",
      {},
      `The values of this dispatch are not in the page, so it cannot run again. ${recording.about.kept}`,
    );
  }
  const text = h("textarea", {
    ...{ id: "wgsl", rows: 18, spellcheck: "false", autocapitalize: "off", wrap: "off", autocomplete: "off" },
  });
  text.value = kernel.code;
  const result = h("div", { class: "result", role: "status" });
  const run = h(
    "button",
    { type: "button", class: "run", click: () => void go() },
    "Run on this machine's GPU",
  );
  const again = h("button", {
    type: "button",
    click: () => {
      text.value = kernel.code;
      replace(result);
    },
  }, "Recorded text");

  void openAccess(recording).then((access) => {
    if ("absent" in access) absent(access);
  });

  function absent({ absent }: Access & { absent: string }): void {
    run.disabled = true;
    replace(
      result,
      h(
        "p",
        { class: "warning" },
        `It cannot run here: ${absent} Everything recorded is shown all the same.`,
      ),
    );
  }

  async function go(): Promise<void> {
    const access = await openAccess(recording);
    if ("absent" in access) return absent(access);
    run.disabled = true;
    replace(result, h("p", {}, `Running on ${access.name} …`));
    try {
      show(access.name, await runKernel(access.device, shared, dispatch, kernel, text.value));
    } catch (error) {
      replace(result, h("p", { class: "warning" }, `It did not run: ${(error as Error).message}`));
    } finally {
      run.disabled = false;
    }
  }

  function show(name: string, outcome: Outcome): void {
    if (outcome.kind === "refused") {
      return replace(result, h("p", { class: "warning" }, `It did not run: ${outcome.reason}`));
    }
    if (outcome.kind === "faults") {
      return replace(
        result,
        h("p", { class: "warning" }, `It does not compile: ${counted(outcome.faults.length, "error")}`),
        h(
          "ul",
          {},
          outcome.faults.map((fault) =>
            h(
              "li",
              {},
              h(
                "button",
                { type: "button", class: "link", click: () => goTo(text, fault) },
                `Line ${fault.line}, column ${fault.column}`,
              ),
              `: ${fault.message}`,
            )
          ),
        ),
      );
    }
    replace(
      result,
      h("p", {}, `Ran on ${name} in ${timeText(outcome.milliseconds)}, reading back included.`),
      outcome.outputs.map(({ tensor, values }) => {
        const { count, equal, relative, worst } = compare(values, shared.values(tensor.after!));
        const shape = dispatch.sample ? [count] : tensor.shape,
          width = rowLength(dispatch, { ...tensor, shape });
        return [
          h(
            "p",
            { class: relative < 1e-3 ? "same" : "warning" },
            h("code", {}, tensor.name),
            `: ${grouped(equal)} of ${grouped(count)} values equal to the bit${
              equal === count
                ? "."
                : `; the largest difference, at element ${grouped(worst)}, is ${
                  significant(relative)
                } of the largest value recorded.`
            }`,
          ),
          heatMap(
            gridOfValues(values as ArrayLike<number>, width),
            `${tensor.name} as computed here`,
            shape,
          ),
        ];
      }),
    );
  }

  return h(
    "div",
    { class: "editor" },
    dispatch.sample &&
      h(
        "p",
        { class: "fine" },
        `Of its long tensors the first ${
          grouped(dispatch.sample.elements)
        } elements are in the page; count is ${grouped(dispatch.sample.count)} here.`,
      ),
    h("label", { for: "wgsl" }, "WGSL, yours to change"),
    text,
    h("div", { class: "row" }, run, again),
    result,
  );
}

/** Puts the cursor where a fault is. */
function goTo(text: HTMLTextAreaElement, { line, column }: Fault): void {
  const start = text.value.split("\n").slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  const end = text.value.indexOf("\n", start), at = start + Math.max(0, column - 1);
  text.focus();
  text.setSelectionRange(at, end < 0 ? text.value.length : end);
  text.scrollTop = text.scrollHeight * (line - 3) / text.value.split("\n").length;
}
