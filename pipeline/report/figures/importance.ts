import type { Results } from "../../results.ts";
import { barChart } from "../charts/bars.ts";
import { SERIES } from "../models.ts";
import { listText } from "../numbers.ts";
import type { Figure } from "./figure.ts";

/** Each block's importance, the removed ones marked; none where the configuration named the blocks. */
export function importanceFigure({ importance, drop }: Results): Figure | undefined {
  if (!importance) return undefined;
  const { scores, order, method } = importance;
  const bars = scores.map((value, block) => {
    const removed = drop.includes(block), score = value.toPrecision(3);
    return {
      label: `block ${block}`,
      value,
      text: removed ? `${score} removed` : score,
      series: removed ? SERIES.pruned : SERIES.teacher,
      hint: `Block ${block}: ${score}, rank ${order.indexOf(block) + 1} of ${order.length} from the least${
        removed ? ", removed" : ""
      }`,
    };
  });
  return {
    name: "importance",
    caption:
      `How much each block changes what flows through it, by ${method}; 0 is a block that does nothing. Order from the ` +
      `least important: ${order.join(", ")}.`,
    draw: (width) =>
      barChart({
        heading: "Importance of each block",
        description: `Bars of ${scores.length} blocks; removed: ${listText(drop)}.`,
        groups: [{ bars }],
        unit: `importance (${method}, no unit)`,
        width,
      }),
  };
}
