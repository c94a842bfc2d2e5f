const MULTIPLIERS = [0xD2511F53n, 0xCD9E8D57n] as const;
const KEY_STEPS = [0x9E3779B9n, 0xBB67AE85n] as const;
const WORD = 0xFFFFFFFFn;
const ROUNDS = 10;

type Words<N extends 2 | 4> = N extends 2 ? readonly [bigint, bigint]
  : readonly [bigint, bigint, bigint, bigint];

/**
 * Philox4x32-10, the counter-based generator of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011):
 * four random 32-bit words for each counter and key, with no state in between.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(philox([0n, 0n, 0n, 0n], [0n, 0n]), [0x6627e8d5n, 0xe169c58dn, 0xbc57ac4cn, 0x9b00dbd8n]);
 * ```
 */
export function philox(counter: Words<4>, key: Words<2>): Words<4> {
  let [a, b, c, d] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const left = MULTIPLIERS[0] * a;
    const right = MULTIPLIERS[1] * c;
    [a, b, c, d] = [(right >> 32n) ^ b ^ k0, right & WORD, (left >> 32n) ^ d ^ k1, left & WORD];
    k0 = (k0 + KEY_STEPS[0]) & WORD;
    k1 = (k1 + KEY_STEPS[1]) & WORD;
  }
  return [a, b, c, d];
}

/**
 * The `draw`-th random number of `seed` (both 0 … 2^53 - 1): uniform in [0, 1), with 53 bits.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(uniform(1, 2), uniform(1, 2));
 * assert.notEqual(uniform(1, 2), uniform(1, 3));
 * ```
 */
export function uniform(seed: number, draw: number): number {
  const [seedLow, seedHigh] = split(seed);
  const [drawLow, drawHigh] = split(draw);
  const [low, high] = philox([drawLow, drawHigh, 0n, 0n], [seedLow, seedHigh]);
  return Number(((high << 32n) | low) >> 11n) / 2 ** 53;
}

function split(value: number): Words<2> {
  const bits = BigInt(value);
  return [bits & WORD, bits >> 32n];
}
