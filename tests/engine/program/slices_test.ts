import assert from "node:assert/strict";
import fc from "fast-check";
import { createTensor, foldedGrid, part, rows, slices } from "../../../engine/mod.ts";
import { throwsWith } from "../../support/errors.ts";

Deno.test("slices cover all rows in order, each fits a binding, and each begins on an aligned offset", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100_000 }),
      fc.integer({ min: 1, max: 700 }),
      fc.integer({ min: 64 * 4 * 700, max: 2 ** 22 }),
      (rowCount, rowLength, maxBinding) => {
        const pieces = slices(rowCount, rowLength, maxBinding);
        let next = 0;
        for (const { start, end } of pieces) {
          assert.equal(start, next);
          assert.ok(end > start && (end - start) * rowLength * 4 <= maxBinding);
          assert.equal(start * rowLength * 4 % 256, 0);
          next = end;
        }
        assert.equal(next, rowCount);
        assert.equal(pieces.length === 1, rowCount * rowLength * 4 <= maxBinding);
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});

Deno.test("rows too long for a binding are an error", () => {
  throwsWith(
    () => slices(100, 1000, 64 * 1000),
    RangeError,
    "Cannot slice rows of 1000 elements as a binding covers 64000 bytes",
  );
});

Deno.test("a folded grid has enough workgroups, few too many, and stays within WebGPU's limit", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 30 }), (groups) => {
      const [x, y, z] = foldedGrid(groups);
      assert.ok(x * y >= groups && x * y - Math.max(1, groups) < 32768);
      assert.ok([x, y, z].every((length) => length >= 1 && length <= 65535));
    }),
    { seed: 2, numRuns: 300 },
  );
});

Deno.test("parts and rows are views of the same slot", () => {
  const tensor = createTensor("w", "parameter", [6, 64]);
  assert.deepEqual(part(tensor, { start: 128, end: 200 }), {
    slot: tensor.slot,
    offset: 128,
    shape: [72],
    dtype: "f32",
    differentiable: false,
  });
  const view = rows(rows(tensor, 1, 5), 2, 4);
  assert.deepEqual([view.slot, view.offset, view.shape], [tensor.slot, 192, [2, 64]]);
});
