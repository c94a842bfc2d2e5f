/** What a dispatch binds: shapes, who made it, who reads it, what it looks like. */
import type { RecordedTensor } from "../recording.ts";
import { h } from "./dom.ts";
import { counted, grouped, shapeText, significant } from "./format.ts";
import { gridOf, heatMap, rowLength } from "./heat.ts";
import { chooseButton, type Shared } from "./parts.ts";

/** Readers that are named; further ones are counted. */
const NAMED = 4;

/** One entry a binding. */
export function tensorList(shared: Shared, index: number): HTMLElement {
  const { tensors } = shared.recording.dispatches[index]!;
  return h("ul", { class: "tensors" }, tensors.map((tensor) => h("li", {}, entry(shared, index, tensor))));
}

function entry(shared: Shared, index: number, tensor: RecordedTensor): HTMLElement[] {
  const { recording: { slots }, flow } = shared, { name, shape, dtype, write, statistics } = tensor;
  const slot = slots[tensor.slot]!, maker = flow.maker(index, tensor);
  const readers = write ? flow.readers(index, tensor) : [],
    grid = gridOf(shared, tensor, rowLength(shared.recording.dispatches[index]!, tensor));
  return [
    h(
      "h4",
      {},
      h("code", {}, name),
      ` ${shapeText(shape)} ${dtype}, ${write ? "written" : "read"}: `,
      h("em", {}, slot.name),
      h("small", {}, ` ${slot.role}${tensor.offset > 0 ? `, from element ${grouped(tensor.offset)}` : ""}`),
    ),
    h(
      "p",
      {},
      maker === undefined
        ? [write ? "New in this dispatch." : "There before the step began."]
        : [write ? "Held before: what was made by " : "Made by ", chooseButton(shared, maker), "."],
    ),
    ...write
      ? [h(
        "p",
        {},
        readers.length === 0 ? "Read by none later in the step." : [
          "Read by ",
          readers.slice(0, NAMED).map((reader) => [chooseButton(shared, reader), " "]),
          readers.length > NAMED && `and ${counted(readers.length - NAMED, "other")}`,
        ],
      )]
      : [],
    ...statistics
      ? [
        h(
          "p",
          { class: "fine" },
          `min ${significant(statistics.min)}, max ${significant(statistics.max)}, mean ${
            significant(statistics.mean)
          }, NaN ${statistics.nan}, of ${counted(statistics.count, "value")}`,
        ),
      ]
      : [],
    ...grid ? [heatMap(grid, name, shape)] : [],
  ];
}
