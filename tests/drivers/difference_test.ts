import assert from "node:assert/strict";
import { throwsWith } from "../support/errors.ts";
import { largestDifference } from "./difference.ts";

const cases = (values: Record<string, number[][]>) =>
  new Map(Object.entries(values).map(([name, tensors]) => [name, { op: "op", name, values: tensors }]));

Deno.test("differences count against the largest value of their tensor; the worst case is told", () => {
  const a = cases({ small: [[1, 2], [0, 100]], other: [[4]], "a only": [[1]] });
  assert.equal(largestDifference(a, a), 0);
  assert.equal(largestDifference(a, cases({ small: [[1, 2.5], [0, 101]], other: [[4]] })), 0.25);
  assert.equal(largestDifference(cases({ x: [[0, 0]] }), cases({ x: [[0, 1]] })), Infinity);
});

Deno.test("results that cannot be compared are an error", () => {
  const a = cases({ x: [[1, 2]] });
  throwsWith(() => largestDifference(a, cases({ x: [[1]] })), TypeError, "x: tensor 0 has another length");
  throwsWith(() => largestDifference(a, cases({ y: [[1]] })), TypeError, "No case ran on both drivers");
});
