import assert from "node:assert/strict";
import fc from "fast-check";
import { UNSCORED } from "../../../engine/mod.ts";
import { bucketFor, bucketLengths, microBatch, paddedBatch } from "../../../train/data/mod.ts";
import { throwsWith } from "../../support/errors.ts";

const row = fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 70 }).map((list) =>
  Uint32Array.from(list)
);
const rows = fc.array(row, { minLength: 1, maxLength: 5 });

Deno.test("a micro-batch holds its rows, and each token's target is the next one", () => {
  fc.assert(
    fc.property(rows, (rows) => {
      const { ids, targets, tokens, lengths, B, T } = microBatch(rows, bucketLengths(70), 0);
      assert.deepEqual([...lengths], rows.map((r) => r.length));
      assert.deepEqual([B, ids.length, targets.length], [rows.length, B * T, B * T]);
      assert.ok([32, 64, 70].includes(T));
      for (const [b, r] of rows.entries()) {
        const padded = [...r, ...Array(T - r.length).fill(0)];
        assert.deepEqual([...ids.subarray(b * T, (b + 1) * T)], padded);
        const next = [...r.slice(1), ...Array(T - r.length + 1).fill(UNSCORED)];
        assert.deepEqual([...targets.subarray(b * T, (b + 1) * T)], next);
      }
      assert.equal(tokens, targets.filter((t) => t !== UNSCORED).length);
    }),
    { seed: 1 },
  );
});

Deno.test("a padded batch is its rows again where the mask is 1", () => {
  fc.assert(
    fc.property(rows, fc.constantFrom<"left" | "right">("left", "right"), (rows, side) => {
      const { ids, mask, B, T } = paddedBatch(rows, { side, padId: 0 });
      for (let b = 0; b < B; b++) {
        const kept = [...ids.subarray(b * T, (b + 1) * T)].filter((_, t) => mask[b * T + t] === 1);
        assert.deepEqual(kept, [...rows[b]!]);
      }
    }),
    { seed: 2 },
  );
});

Deno.test("pads stand on the side asked for, up to the length asked for", () => {
  const short = [Uint32Array.of(2, 5), Uint32Array.of(2)];
  assert.deepEqual([...paddedBatch(short, { side: "left", padId: 9 }).ids], [2, 5, 9, 2]);
  const { ids, mask, lengths, T } = paddedBatch(short, { side: "right", padId: 9, length: 3 });
  assert.deepEqual([...ids], [2, 5, 9, 2, 9, 9]);
  assert.deepEqual([...mask], [1, 1, 0, 1, 0, 0]);
  assert.deepEqual([...lengths, T], [2, 1, 3]);
});

Deno.test("buckets", () => {
  assert.deepEqual(bucketLengths(64), [32, 64]);
  assert.deepEqual(bucketLengths(10), [10]);
  assert.equal(bucketFor(33, [32, 64]), 64);
  throwsWith(() => bucketFor(65, [32, 64]), RangeError, "A row of 65 tokens fits no bucket of 32, 64");
});
