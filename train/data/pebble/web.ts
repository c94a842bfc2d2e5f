import { choiceText, comparison, order } from "./comparison.ts";
import { statement } from "./openstax.ts";
import type { Random } from "./random.ts";
import { stories } from "./stories.ts";
import { toolUse } from "./wikihow.ts";

/** A scrap of the web: comparisons, orders of three people, or a mixture of what the other subsets say. */
export function webSamples(random: Random): string {
  const kind = random.next();
  if (kind < 0.35) {
    const scraps = Array.from({ length: random.int(2, 4) }, () => choiceText(comparison(random)));
    if (random.chance(0.4)) scraps.push(statement(random));
    return scraps.join(" ");
  }
  if (kind < 0.87) return Array.from({ length: random.int(1, 2) }, () => order(random)).join(" ");
  if (kind < 0.93) return stories(random);
  return [statement(random), toolUse(random), choiceText(comparison(random))].join("\n");
}
