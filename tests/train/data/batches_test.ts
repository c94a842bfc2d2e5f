import assert from "node:assert/strict";
import fc from "fast-check";
import { UNSCORED } from "../../../engine/mod.ts";
import {
  batcher,
  bucketFor,
  bucketLengths,
  microBatch,
  paddedBatch,
  predictedPads,
} from "../../../train/data/mod.ts";
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

Deno.test("where pads are predicted, every position but the last has a target, whatever a row's length", () => {
  fc.assert(
    fc.property(rows, (rows) => {
      const { ids, targets, tokens, first, B, T } = predictedPads(rows, 70, 0);
      assert.deepEqual([T, tokens], [70, B * 69]);
      for (const [b, row] of rows.entries()) {
        const padded = [...Array(70 - row.length).fill(0), ...row];
        assert.deepEqual([...ids.subarray(b * T, (b + 1) * T)], padded);
        assert.deepEqual([...targets.subarray(b * T, (b + 1) * T)], [...padded.slice(1), UNSCORED]);
        assert.equal(first![b], 70 - row.length);
      }
    }),
    { seed: 3 },
  );
});

Deno.test("a training's batches are of one kind or the other, and say which rows they have", () => {
  const rows = [Uint32Array.of(2, 5), Uint32Array.of(2), Uint32Array.of(2, 6, 7)];
  const plain = batcher(rows, 0, { padding: "none", maxLength: 9 })([2, 0]);
  const padded = batcher(rows, 0, { padding: "left", maxLength: 9 })([2, 0]);
  assert.deepEqual([plain.T, plain.tokens, plain.first, plain.rowIds], [3, 3, undefined, [2, 0]]);
  assert.deepEqual([padded.T, padded.tokens, padded.first, padded.rowIds], [9, 16, [6, 7], [2, 0]]);
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
