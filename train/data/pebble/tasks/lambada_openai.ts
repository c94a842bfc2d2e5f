import { counting, type Story, tracking } from "../stories.ts";
import { drawDifferent, inTurn, taskRandom } from "./draw.ts";

/** A row of LAMBADA: a text whose last word is to be guessed. */
export interface LambadaRow {
  readonly text: string;
}

const KINDS: readonly Story["kind"][] = ["holder", "left", "person", "carried", "color", "count"];

/**
 * The last word of a story: who holds a thing, where it was left, where a person or a held thing is, its color, a number;
 * each kind equally often. Chance is near 0: any word may come; who knows that a name, a place, a color or a number
 * must follow, and takes the last one told, is right about as often as `tests/train/data/pebble` says.
 */
export function lambadaOpenai(seed: number): LambadaRow[] {
  const random = taskRandom("lambada_openai", seed);
  const nextKind = inTurn(KINDS, random);
  return drawDifferent(() => {
    const wanted = nextKind();
    while (true) {
      const { context, answer, kind } = wanted === "count" ? counting(random) : tracking(random);
      if (kind === wanted) return { text: `${context} ${answer}` };
    }
  });
}
