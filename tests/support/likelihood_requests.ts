import { createRandom, type Random } from "../../engine/mod.ts";
import type { LikelihoodRequest } from "../../eval/likelihood/mod.ts";

/** Ids drawn alike from a vocabulary. */
export const drawIds = (random: Random, count: number, vocabulary: number): number[] =>
  Array.from({ length: count }, () => random.integer(vocabulary));

/**
 * Ragged groups: contexts with several continuations, of one token and of many; contexts that differ before a continuation
 * that they share; and the first of each group twice.
 */
export function raggedRequests(seed: number, vocabulary: number): LikelihoodRequest[] {
  const random = createRandom(seed);
  return Array.from({ length: 6 }, (_, group) => {
    const context = drawIds(random, 1 + random.integer(17), vocabulary);
    const requests = Array.from({ length: 1 + random.integer(4) }, () => ({
      context,
      continuation: drawIds(random, random.integer(2) === 0 ? 1 : 1 + random.integer(8), vocabulary),
    }));
    const { continuation } = requests[0]!;
    const others = [1, 2].map((count) => ({
      context: [...context, ...drawIds(random, count, vocabulary)],
      continuation,
    }));
    return [...requests, requests[0]!, ...group % 2 === 0 ? others : []];
  }).flat();
}
