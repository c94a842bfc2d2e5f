import assert from "node:assert/strict";
import { createRandom, philox } from "../../../engine/mod.ts";

Deno.test("Philox gives the known answers of Random123 (kat_vectors, philox4x32 with 10 rounds)", () => {
  const all = 0xffffffff;
  const vectors = [
    [[0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
    [[all, all, all, all], [all, all], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ] as const;
  for (const [counter, key, answer] of vectors) assert.deepEqual([...philox(counter, key)], [...answer]);
});

const words = (seed: number, stream: number, count: number) => {
  const random = createRandom(seed, stream);
  return Array.from({ length: count }, () => random.word());
};

Deno.test("streams and seeds share no words, the upper half of a seed included", () => {
  const drawn = [[7, 0], [7, 1], [8, 0], [2 ** 32 + 7, 0]].flatMap(([seed, stream]) =>
    words(seed!, stream!, 50)
  );
  assert.equal(new Set(drawn).size, drawn.length);
});

Deno.test("a stream resumes from any position, forward and back", () => {
  const expected = words(3, 5, 23), random = createRandom(3, 5);
  for (const position of [17, 4, 3, 22, 0]) {
    random.position = position;
    assert.equal(random.word(), expected[position]);
    assert.equal(random.position, position + 1);
  }
});

Deno.test("positions beyond 2^34 use the counter's second word", () => {
  const random = createRandom(1), far = createRandom(1);
  far.position = 4 * 2 ** 32;
  assert.notEqual(far.word(), random.word());
});

Deno.test("uniform and normal numbers have their mean and variance", () => {
  const random = createRandom(11), count = 20000;
  const moments = (draw: () => number) => {
    const values = Array.from({ length: count }, draw), mean = values.reduce((a, b) => a + b) / count;
    return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count] as const;
  };
  const [mean, variance] = moments(random.uniform), [normalMean, normalVariance] = moments(random.normal);
  // Four standard errors of each estimate.
  assert.ok(Math.abs(mean - 1 / 2) < 4 * Math.sqrt(1 / 12 / count));
  assert.ok(Math.abs(variance - 1 / 12) < 4 * Math.sqrt(1 / 180 / count));
  assert.ok(Math.abs(normalMean) < 4 * Math.sqrt(1 / count));
  assert.ok(Math.abs(normalVariance - 1) < 4 * Math.sqrt(2 / count));
});

Deno.test("integers stay below their bound and reach every value", () => {
  const random = createRandom(2);
  const drawn = new Set(Array.from({ length: 300 }, () => random.integer(7)));
  assert.deepEqual([...drawn].sort(), [0, 1, 2, 3, 4, 5, 6]);
});

Deno.test("a shuffle is a permutation of the same array, and the same for the same seed", () => {
  const items = Array.from({ length: 20 }, (_, i) => i), once = createRandom(4).shuffle([...items]);
  assert.deepEqual(once, createRandom(4).shuffle([...items]));
  assert.notDeepEqual(once, items);
  assert.deepEqual([...once].sort((a, b) => a - b), items);
});
