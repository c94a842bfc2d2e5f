import assert from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../../engine/mod.ts";
import { type LayerType, layerTypesByPattern, survivingLayers } from "../../../model/config/mod.ts";
import { ascending, blocksToDrop, leastImportantKeepingPattern } from "../../../model/pruning/mod.ts";
import { throwsWith } from "../../support/errors.ts";

/** Whether the survivors' types are the pattern's at their new places. */
function keeps(types: readonly LayerType[], drop: readonly number[]): boolean {
  const left = survivingLayers(types.length, drop).map((block) => types[block]!);
  return left.join() === layerTypesByPattern(left.length).join();
}

/** Every set of `count` blocks. */
function* subsets(blocks: number, count: number, from = 0): Generator<number[]> {
  if (count === 0) return yield [];
  for (let i = from; i < blocks; i++) {
    for (const rest of subsets(blocks, count - 1, i + 1)) yield [i, ...rest];
  }
}

const sumOf = (scores: readonly number[], drop: readonly number[]) =>
  drop.reduce((sum, i) => sum + scores[i]!, 0);

Deno.test("no other choice that keeps the pattern has a smaller sum: every subset is tried", () => {
  const layers = fc.array(
    fc.record({ score: fc.integer({ min: 0, max: 20 }), full: fc.constantFrom(false, false, false, true) }),
    { minLength: 2, maxLength: 12 },
  );
  let found = 0, none = 0;
  fc.assert(
    fc.property(layers, fc.boolean(), fc.nat(), (blocks, gemma, seed) => {
      const scores = blocks.map(({ score }) => score), count = 1 + seed % (blocks.length - 1);
      const types = gemma
        ? layerTypesByPattern(blocks.length)
        : blocks.map(({ full }): LayerType => full ? "full_attention" : "sliding_attention");
      const sums = [...subsets(blocks.length, count)].filter((drop) => keeps(types, drop)).map((drop) =>
        sumOf(scores, drop)
      );
      if (sums.length === 0) {
        none++;
        return assert.throws(() => leastImportantKeepingPattern(scores, types, count), UsageError);
      }
      found++;
      const drop = leastImportantKeepingPattern(scores, types, count);
      assert.equal(new Set(drop).size, count);
      assert.ok(keeps(types, drop));
      assert.equal(sumOf(scores, drop), Math.min(...sums));
      assert.deepEqual(drop.map((i) => scores[i]), drop.map((i) => scores[i]!).sort((a, b) => a - b));
    }),
    { seed: 4, numRuns: 400 },
  );
  assert.ok(found > 100 && none > 20, `${found} found, ${none} none`);
});

Deno.test("of Gemma 3 270M's 18 blocks: four from 12 to 17, with 17 among them, whatever the scores", () => {
  const types = layerTypesByPattern(18);
  const order = [9, 8, 14, 16, 15, 17, 10, 2, 13, 12, 0, 1, 3, 4, 5, 6, 7, 11];
  const scores = types.map((_, block) => order.indexOf(block) / 100);
  assert.deepEqual(leastImportantKeepingPattern(scores, types, 4), [14, 16, 15, 17]);
  const rule = { count: 4, keep_pattern: false };
  assert.deepEqual(blocksToDrop({ scores, order: ascending(scores) }, types, rule), [9, 8, 14, 16]);
  assert.deepEqual(
    blocksToDrop({ scores, order: ascending(scores) }, types, { ...rule, keep_pattern: true }),
    [14, 16, 15, 17],
  );
});

Deno.test("where no choice exists, the counts for which there is one are named", () => {
  const types = (pattern: string) =>
    [...pattern].map((type): LayerType => type === "f" ? "full_attention" : "sliding_attention");
  throwsWith(
    () => leastImportantKeepingPattern([1, 2, 3, 4], types("sfsf"), 1),
    UsageError,
    "Cannot remove 1 of 4 blocks and keep Gemma 3's pattern (every 6th block full): whichever go, a block comes to a " +
      "place of the other type; remove 2, 3 of them, or do without keep_pattern",
  );
  throwsWith(
    () => leastImportantKeepingPattern([1, 2], types("ff"), 1),
    UsageError,
    "Cannot remove 1 of 2 blocks and keep Gemma 3's pattern (every 6th block full): whichever go, a block comes to a " +
      "place of the other type; none can be removed so, or do without keep_pattern",
  );
});
