import { createRandom, hashText, type Random } from "../random.ts";

/** Items of every task set. */
export const ITEM_COUNT = 1000;

/** A stream of choices of its own for one task set. */
export function taskRandom(task: string, seed: number): Random {
  return createRandom(seed, hashText(`task ${task}`));
}

/**
 * The first `ITEM_COUNT` different items of the stream: what was drawn before, by its text as JSON, is left out.
 *
 * @throws Error when the stream keeps repeating itself: the world is then too small for so many items
 */
export function drawDifferent<Item>(draw: () => Item): Item[] {
  const seen = new Set<string>(), items: Item[] = [];
  for (let draws = 0; items.length < ITEM_COUNT; draws++) {
    if (draws > 100 * ITEM_COUNT) {
      throw new Error(
        `Cannot draw ${ITEM_COUNT} different items: only ${items.length} came in ${draws} draws`,
      );
    }
    const item = draw(), key = JSON.stringify(item);
    if (seen.has(key)) continue;
    seen.add(key);
    items.push(item);
  }
  return items;
}

/** Goes round a list for ever, each round in another order, so that every element comes equally often. */
export function inTurn<T>(list: readonly T[], random: Random): () => T {
  let round: T[] = [];
  return () => {
    if (round.length === 0) round = random.shuffle(list);
    return round.pop()!;
  };
}

/** The right answer among the wrong ones in random order. `right` is its place. */
export function among(
  answer: string,
  wrong: readonly string[],
  random: Random,
): { choices: string[]; right: number } {
  const choices = random.shuffle([answer, ...wrong]);
  return { choices, right: choices.indexOf(answer) };
}
