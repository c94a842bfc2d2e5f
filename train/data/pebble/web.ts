import { choiceText, comparison } from "./comparison.ts";
import { statement } from "./openstax.ts";
import type { Random } from "./random.ts";
import { toolUse } from "./wikihow.ts";

/** A scrap of the web: comparisons, or a mixture of what the other subsets say. */
export function webSamples(random: Random): string {
  if (random.chance(0.25)) {
    return [statement(random), toolUse(random), choiceText(comparison(random))].join("\n");
  }
  const scraps = Array.from({ length: random.int(2, 4) }, () => choiceText(comparison(random)));
  if (random.chance(0.4)) scraps.push(statement(random));
  return scraps.join(" ");
}
