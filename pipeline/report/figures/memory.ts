import { formatBytes } from "../../format.ts";
import type { Results } from "../../results.ts";
import { barChart } from "../charts/bars.ts";
import { SERIES } from "../models.ts";
import type { Figure } from "./figure.ts";

/** What device memory was for, stage by stage; none where no stage was planned. */
export function memoryFigure({ memory }: Results): Figure | undefined {
  const groups = memory.map(({ name, bytes, memory }) => ({
    heading: `${name}: ${formatBytes(bytes)}`,
    bars: Object.entries(memory).filter(([, each]) => each > 0).map(([part, each]) => ({
      label: part.replaceAll("_", " "),
      value: each / 2 ** 20,
      text: formatBytes(each),
      series: name === "control"
        ? SERIES.control
        : part.startsWith("teacher")
        ? SERIES.teacher
        : SERIES.student,
      hint: `${name}, ${part.replaceAll("_", " ")}: ${formatBytes(each)}`,
    })),
  }));
  if (groups.length === 0) return undefined;
  return {
    name: "memory",
    caption:
      "Device memory as planned before the run, at the most that each stage takes; the stages share one pool, " +
      "which holds activations and what chunks of logits need.",
    draw: (width) =>
      barChart({
        heading: "Device memory of each stage",
        description: groups.map(({ heading }) => heading).join(". "),
        groups,
        unit: "MiB",
        width,
      }),
  };
}
