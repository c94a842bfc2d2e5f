import type { Random } from "../random.ts";
import { counting, type Story, tracking } from "../stories.ts";
import { drawDifferent, inTurn, taskRandom } from "./draw.ts";

/** A row of LAMBADA: a text whose last word is to be guessed. */
export interface LambadaRow {
  readonly text: string;
}

const KINDS: readonly Story["kind"][] = ["holder", "left", "person", "carried", "color", "count"];

/**
 * The last word of a story: who holds a thing, where it was left, where a person or a held thing is, its color, a number;
 * each kind equally often, and never what the story has said before in the same words. Chance is near 0, for any word may
 * come; the README says how often the last name, place, color or number told is right.
 */
export function lambadaOpenai(seed: number): LambadaRow[] {
  const random = taskRandom("lambada_openai", seed);
  const nextKind = inTurn(KINDS, random);
  return drawDifferent(() => {
    const { context, answer } = untold(nextKind(), random);
    return { text: `${context} ${answer}` };
  });
}

/** A story that ends in a claim of this kind, made there for the first time. */
function untold(wanted: Story["kind"], random: Random): Story {
  while (true) {
    const story = wanted === "count" ? counting(random, "held out") : tracking(random);
    const { context, answer, kind } = story;
    const claim = context.slice(context.lastIndexOf(". ") + 2);
    if (kind === wanted && !context.includes(`${claim} ${answer}.`)) return story;
  }
}
