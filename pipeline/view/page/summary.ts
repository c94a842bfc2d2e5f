/** What was recorded, in a few numbers. */
import type { Recording } from "../recording.ts";
import { h } from "./dom.ts";
import { bytesText, grouped, timeText } from "./format.ts";
import { timeOf } from "./parts.ts";

/** The head of the page. */
export function summary({ about, dispatches, tokens, pool }: Recording): HTMLElement {
  const tile = (name: string, value: string, more = "") =>
    h("div", {}, h("dt", {}, name), h("dd", {}, value, more && h("small", {}, more)));
  const { losses, student, teacher } = about;
  const lanes = about.subgroupSize === 0
    ? "without subgroups, so that every WebGPU can run its kernels"
    : `for subgroups of ${about.subgroupSize} lanes`;
  return h(
    "header",
    {},
    h("p", { class: "eyebrow" }, "Lapidary"),
    h("h1", {}, `One training step of ${about.title}, recorded`),
    h(
      "p",
      {},
      `The student, ${student.blocks} of the ${teacher.blocks} blocks of ${teacher.name}, learns one row of ${tokens.length} tokens from the teacher's distributions and from the text (${about.loss}). Every dispatch of that step is here, ` +
        `as it ran on ${about.adapter}${
          about.software ? ", a driver that computes on the processor," : ""
        } ${lanes}.`,
    ),
    h(
      "dl",
      { class: "tiles" },
      tile("dispatches", grouped(dispatches.length), timeText(timeOf(dispatches))),
      tile("operations", `${grouped(Math.round(dispatches.reduce((n, { flops }) => n + flops, 0) / 1e6))} M`),
      tile("temporaries", bytesText(pool.reduce((n, bytes) => n + bytes, 0)), "the pool"),
      tile("cross-entropy", losses.crossEntropy.toFixed(4), "nats a token"),
      tile("distillation", losses.distillation.toFixed(4), "T² included"),
      tile("gradient", losses.gradientNorm.toFixed(3), "norm before clipping"),
    ),
    h("p", { class: "fine" }, about.kept),
  );
}
