/** The page that plays: Pebble pruned, healed and sampled on the visitor's own GPU, by the engine's own code. */
import { openEngine } from "../../../engine/mod.ts";
import type { PlayAssets } from "../play/assets.ts";
import { play, type PlayEvents } from "../play/session.ts";
import { lossCurve } from "./curve.ts";
import { openPacked } from "./data.ts";
import { h, replace } from "./dom.ts";
import { significant } from "./format.ts";
import { section } from "./parts.ts";

async function build(main: HTMLElement): Promise<void> {
  const { document: assets, values } = await openPacked<PlayAssets>(
    document.getElementById("assets")!.textContent!,
  );
  const { settings, config, rows } = assets;
  const status = h("p", { role: "status", class: "verdict" }, "Nothing has run yet.");
  const steps = h("input", {
    id: "steps",
    type: "number",
    min: 1,
    max: 1000,
    value: settings.train.max_steps ?? 60,
  });
  const start = h("button", { type: "button", class: "run", click: () => void run() }, "Start");
  const stop = h("button", {
    type: "button",
    disabled: true,
    click: () => stopper.abort(new Error("Stopped.")),
  }, "Stop");
  const blocks = h("ol", { class: "blocks", start: 0 }), curve = h("div"), speed = h("p", { class: "fine" });
  const samples = h("tbody");
  let stopper = new AbortController();

  async function run(): Promise<void> {
    stopper = new AbortController();
    [start.disabled, stop.disabled] = [true, false];
    for (const part of [blocks, curve, speed, samples]) replace(part);
    const chart = lossCurve();
    replace(curve, chart.element);
    try {
      const engine = await openEngine();
      try {
        await play(engine, assets, (i) => values(i), eventsOf(chart), {
          steps: steps.valueAsNumber || 1,
          signal: stopper.signal,
        });
      } finally {
        engine.close();
      }
      replace(status, "Done: the student was pruned, healed and sampled here.");
      document.documentElement.dataset.done = "true";
    } catch (error) {
      const { message } = error as Error;
      replace(
        status,
        stopper.signal.aborted
          ? message
          : `It cannot run here: ${
            navigator.gpu
              ? message
              : "this browser has no WebGPU for this page (it needs a recent browser, and a page from a file, https or this machine)"
          }.`,
      );
    } finally {
      [start.disabled, stop.disabled] = [false, true];
    }
  }

  function eventsOf(chart: ReturnType<typeof lossCurve>): PlayEvents {
    return {
      stage: (name) => replace(status, `${name} …`),
      importance({ scores }, dropped) {
        const most = Math.max(...scores);
        replace(
          blocks,
          scores.map((score, block) =>
            h(
              "li",
              { class: dropped.includes(block) ? "dropped" : "" },
              h(
                "span",
                { class: "bar" },
                h("span", {
                  class: `fill family-${dropped.includes(block) ? "attention" : "products"}`,
                  style: `width: ${100 * score / most}%`,
                }),
              ),
              h("small", {}, `${significant(score)}${dropped.includes(block) ? ", removed" : ""}`),
            )
          ),
        );
      },
      samples: (model, texts) =>
        samples.append(
          ...texts.map((text, i) =>
            h("tr", {}, h("th", { scope: "row" }, i === 0 ? model : ""), h("td", { class: "word" }, text))
          ),
        ),
      step({ step, losses, tokens_per_second }, total) {
        chart.add({
          cross_entropy: losses.cross_entropy!,
          distillation: losses.distillation!,
          total: losses.total,
        }, total);
        replace(
          speed,
          `Step ${step} of ${total}: ${
            significant(losses.total)
          } nats a token, ${tokens_per_second} tokens a second.`,
        );
      },
    };
  }

  replace(
    main,
    h(
      "header",
      {},
      h("p", { class: "eyebrow" }, "Lapidary"),
      h("h1", {}, "A model cut and healed in your browser"),
      h(
        "p",
        {},
        `Pebble's teacher has ${config.numHiddenLayers} blocks. Your GPU measures which ${settings.prune.count} matter least, removes them, ` +
          `and lets the rest learn from the teacher on ${rows.length} rows. It is the engine's own code, kernel by kernel; nothing leaves this page.`,
      ),
      h("div", { class: "row" }, h("label", { for: "steps" }, "Steps"), steps, start, stop),
      status,
    ),
    section("importance", "Importance of each block", blocks),
    section("losses", "The student learns", speed, curve),
    section(
      "samples",
      "What they say",
      h(
        "div",
        { class: "scroll", tabindex: 0, role: "region", "aria-label": "Samples" },
        h(
          "table",
          {},
          h(
            "thead",
            {},
            h("tr", {}, h("th", { scope: "col" }, "model"), h("th", { scope: "col", class: "word" }, "text")),
          ),
          samples,
        ),
      ),
    ),
  );
  document.documentElement.dataset.ready = "true";
}

const main = document.querySelector("main")!;
build(main).catch((error: Error) => {
  replace(main, h("h1", {}, "The page cannot be shown"), h("p", { class: "warning" }, error.message));
  throw error;
});
