import assert from "node:assert/strict";
import { UsageError } from "../../../engine/mod.ts";
import { splitRows } from "../../../train/data/mod.ts";
import { mt19937, randperm } from "../../../train/data/mt19937.ts";
import { throwsWith } from "../../support/errors.ts";

Deno.test("mt19937 gives the words of the authors' reference for seed 5489", () => {
  const word = mt19937(5489);
  assert.deepEqual([word(), word(), word()], [3499211612, 581869302, 3890346734]);
  for (let i = 4; i < 10000; i++) word();
  assert.equal(word(), 4123659995);
});

Deno.test("randperm is torch's", () => {
  assert.deepEqual(randperm(10, 42), [2, 6, 1, 8, 4, 5, 0, 9, 3, 7]);
  assert.deepEqual(randperm(0, 42), []);
  assert.deepEqual(randperm(1, 42), [0]);
});

Deno.test("the split of 2,000 rows is the published one", () => {
  const { train, validation } = splitRows(Array.from({ length: 2000 }, (_, i) => i), 0.2, 42);
  assert.deepEqual(train.slice(0, 10), [1542, 1486, 252, 1959, 410, 190, 1488, 1520, 102, 836]);
  assert.deepEqual(validation.slice(0, 10), [989, 1626, 1997, 1057, 1887, 571, 503, 181, 922, 612]);
  const bySubset = [0, 1, 2, 3].map((s) => validation.filter((row) => Math.floor(row / 500) === s).length);
  assert.deepEqual(bySubset, [100, 107, 100, 93]);
  assert.equal(validation.reduce((a, b) => a + b), 391980);
  assert.equal(new Set([...train, ...validation]).size, 2000);
});

Deno.test("a share of 0 leaves the rows in place", () => {
  assert.deepEqual(splitRows([5, 4, 3], 0, 42), { train: [5, 4, 3], validation: [] });
});

Deno.test("refuses a share that leaves nothing on one side", () => {
  throwsWith(
    () => splitRows([1], 0.2, 42),
    UsageError,
    "Cannot hold out data.validation=0.2 of 1 rows: none is left to train on; give more data or another share",
  );
  throwsWith(
    () => splitRows([1, 2], 1e-17, 42),
    UsageError,
    "Cannot hold out data.validation=1e-17 of 2 rows: none is left to validate on; give more data or another share",
  );
});
