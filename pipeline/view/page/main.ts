/** The page: unpacks the recording that stands in it and builds all parts around one choice. */
import { chooser } from "./chooser.ts";
import { createChoice } from "./choice.ts";
import { openRecording } from "./data.ts";
import { detail } from "./detail.ts";
import { h, replace } from "./dom.ts";
import { graph } from "./graph.ts";
import { journey } from "./journey.ts";
import { memory } from "./memory.ts";
import type { Shared } from "./parts.ts";
import { flowOf, placeOf } from "./step.ts";
import { summary } from "./summary.ts";
import { timeline } from "./timeline.ts";

/** A fragment `#dispatch-41` chooses that dispatch, so that an address can be passed on. */
const wanted = () => Number(/^#dispatch-(\d+)$/.exec(location.hash)?.[1] ?? NaN);

async function build(main: HTMLElement): Promise<void> {
  const opened = await openRecording(document.getElementById("recording")!.textContent!);
  const { recording } = opened, { dispatches } = recording, places = dispatches.map(placeOf);
  const first = dispatches.findIndex(({ kept, op }) => kept && op === "matmul");
  const choice = createChoice(dispatches.length, Math.max(0, first));
  const shared: Shared = { ...opened, places, choice, flow: flowOf(recording) };
  const flow = graph(shared);
  const openGraph = (path: readonly string[]) => {
    flow.open(path);
    flow.element.scrollIntoView({ block: "start" });
  };
  replace(
    main,
    summary(recording),
    chooser(shared),
    h(
      "div",
      { class: "columns" },
      [timeline(shared), detail(shared, openGraph), memory(shared), flow.element, journey(shared)],
    ),
  );
  const follow = () => {
    if (!Number.isNaN(wanted())) choice.choose(wanted());
  };
  follow();
  addEventListener("hashchange", follow);
  choice.follow((index) => history.replaceState(null, "", `#dispatch-${index}`));
  document.documentElement.dataset.ready = "true";
}

const main = document.querySelector("main")!;
build(main).catch((error: Error) => {
  replace(main, h("h1", {}, "The page cannot be shown"), h("p", { class: "warning" }, error.message));
  throw error;
});
