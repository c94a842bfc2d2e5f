/** A seeded source of choices. Every number depends only on the seed, the stream and how many came before. */
export interface Random {
  /** A number in [0, 1) with 32 random bits. */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** One element, each as likely as the others. */
  pick<T>(list: readonly T[]): T;
  /** `count` different elements in random order. */
  sample<T>(list: readonly T[], count: number): T[];
  /** A shuffled copy. */
  shuffle<T>(list: readonly T[]): T[];
}

/** Mixes 32 bits so that neighbouring inputs give unrelated outputs (the finaliser of MurmurHash3). */
function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/**
 * Hash of a text as an unsigned 32-bit number: FNV-1a over UTF-16 units, then mixed. For deterministic decisions, not for security.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { hashText } from "./random.ts";
 *
 * assert.equal(hashText("dog"), hashText("dog"));
 * assert.notEqual(hashText("dog"), hashText("god"));
 * ```
 */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix(hash);
}

/**
 * Counter-based generator: number `n` of a stream is a hash of (seed, stream, n), so that document 1,000 can be made
 * without the 999 before it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createRandom } from "./random.ts";
 *
 * const a = createRandom(7, 3);
 * const b = createRandom(7, 3);
 * assert.deepEqual([a.next(), a.int(1, 6)], [b.next(), b.int(1, 6)]);
 * ```
 */
export function createRandom(seed: number, stream = 0): Random {
  const key = mix(mix(seed + 0x9e3779b9) ^ Math.imul(stream + 1, 0x27d4eb2f));
  let counter = 0;
  const next = () => mix(mix(key ^ Math.imul(++counter, 0x9e3779b1)) + key) / 0x1_0000_0000;
  const below = (limit: number) => Math.floor(next() * limit);
  const shuffle = <T>(list: readonly T[]): T[] => {
    const result = [...list];
    for (let i = result.length - 1; i > 0; i--) {
      const j = below(i + 1);
      [result[i], result[j]] = [result[j]!, result[i]!];
    }
    return result;
  };
  return {
    next,
    int: (low, high) => low + below(high - low + 1),
    chance: (probability) => next() < probability,
    pick: (list) => list[below(list.length)]!,
    sample: (list, count) => shuffle(list).slice(0, count),
    shuffle,
  };
}
