/**
 * The Mersenne Twister mt19937 (Matsumoto and Nishimura, 1998) and the permutation PyTorch's CPU generator makes of it,
 * so that a split is the one `torch.utils.data.random_split` gives.
 */

const N = 624;
const M = 397;

/** A source of 32-bit words from a seed: a number (its low 32 bits, as PyTorch seeds) or a list of them (as Python does). */
export function mt19937(seed: number | readonly number[]): () => number {
  const state = typeof seed === "number" ? stateOf(seed) : mixedState(seed);
  let at = N;
  return () => {
    if (at === N) {
      twist(state);
      at = 0;
    }
    let word = state[at++]!;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  };
}

/** What an older word adds to its successor: itself, shifted, all bits entering. */
const spread = (word: number) => word ^ (word >>> 30);

function stateOf(seed: number): Uint32Array {
  const state = new Uint32Array(N);
  state[0] = seed >>> 0;
  for (let i = 1; i < N; i++) state[i] = Math.imul(1812433253, spread(state[i - 1]!)) + i;
  return state;
}

/** `init_by_array` of the authors (2002): every word of the list enters the whole state. */
function mixedState(words: readonly number[]): Uint32Array {
  const state = stateOf(19650218);
  let i = 1;
  const next = () => {
    if (++i < N) return;
    state[0] = state[N - 1]!;
    i = 1;
  };
  for (let step = 0; step < Math.max(N, words.length); step++) {
    const j = step % words.length;
    state[i] = (state[i]! ^ Math.imul(1664525, spread(state[i - 1]!))) + words[j]! + j;
    next();
  }
  for (let step = 1; step < N; step++) {
    state[i] = (state[i]! ^ Math.imul(1566083941, spread(state[i - 1]!))) - i;
    next();
  }
  state[0] = 0x80000000;
  return state;
}

function twist(state: Uint32Array): void {
  for (let i = 0; i < N; i++) {
    const word = (state[i]! & 0x80000000) | (state[i + 1 < N ? i + 1 : 0]! & 0x7fffffff);
    state[i] = state[i + M < N ? i + M : i + M - N]! ^ (word >>> 1) ^ (word & 1 ? 0x9908b0df : 0);
  }
}

/**
 * `torch.randperm(n)` of a generator with that seed, for n below 2^32 / 20 (PyTorch draws 64 bits above).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { randperm } from "./mt19937.ts";
 *
 * assert.deepEqual(randperm(10, 42), [2, 6, 1, 8, 4, 5, 0, 9, 3, 7]);
 * ```
 */
export function randperm(n: number, seed: number): number[] {
  const word = mt19937(seed);
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = 0; i < n - 1; i++) {
    const j = i + word() % (n - i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
