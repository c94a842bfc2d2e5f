import type { PublishedCard } from "./published.ts";

/** Items that scores were measured on, and how that is known. */
export interface Items {
  readonly n: number;
  readonly known: "the card says so" | "every score is a multiple of one item's share";
}

/** Most items that scores are tried against. */
const MOST = 2000;

/** Chance of fitting by accident above which a fit says nothing. */
const ACCIDENT = 0.01;

/**
 * Items in each task: as the card says, or the fewest of which every printed score is a whole number of right answers.
 * Undefined where scores are too few or too coarse to tell: any number fits somewhere.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { itemsFit } from "./items.ts";
 *
 * const scores = [60, 40, 80, 0, 20].map((value) => ({ value, half: 0.05 }));
 * assert.equal(itemsFit(scores), 5);
 * assert.equal(itemsFit([{ value: 57.3, half: 0.05 }]), undefined);
 * ```
 */
export function itemsFit(
  scores: readonly { readonly value: number; readonly half: number }[],
): number | undefined {
  const told = scores.filter(({ value }) => value > 0 && value < 100);
  let accident = 0;
  for (let n = 2; n <= MOST && accident < ACCIDENT; n++) {
    // A score at random is near a multiple of 100 / n with this chance.
    accident += told.reduce((chance, { half }) => chance * Math.min(1, 2 * half * n / 100), 1);
    const fits = told.every(({ value, half }) => {
      const right = value * n / 100;
      return Math.abs(right - Math.round(right)) <= half * n / 100 + 1e-9;
    });
    if (fits && told.length > 0 && accident < ACCIDENT) return n;
  }
  return undefined;
}

/** Items in each task of a card. */
export function itemsOf({ scores }: PublishedCard): Items | undefined {
  const said = new Set(scores.map(({ n }) => n));
  if (said.size === 1 && scores[0]!.n !== undefined) return { n: scores[0]!.n, known: "the card says so" };
  const n = itemsFit(
    scores.flatMap(({ teacher, pruned, student }) => [teacher, ...pruned ? [pruned] : [], student]),
  );
  return n === undefined ? undefined : { n, known: "every score is a multiple of one item's share" };
}
