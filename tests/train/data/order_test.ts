import assert from "node:assert/strict";
import { countSteps, epochOrder, epochSteps } from "../../../train/data/mod.ts";

Deno.test("the seeded order is a permutation that depends on seed and epoch alone", () => {
  const order = (seed: number, epoch: number) => epochOrder(50, epoch, { order: "seeded", seed });
  assert.deepEqual(order(1, 0), order(1, 0));
  assert.notDeepEqual(order(1, 0), order(1, 1));
  assert.notDeepEqual(order(1, 0), order(2, 0));
  assert.deepEqual(
    order(1, 3).toSorted((a, b) => a - b),
    epochOrder(50, 0, { order: "sequential", seed: 1 }),
  );
});

Deno.test("the steps of an epoch hold every row once; the last may be short", () => {
  const options = { order: "sequential", seed: 1, microBatch: 6, accumulation: 4 } as const;
  const steps = epochSteps(32000, 2, options);
  assert.equal(steps.length, 1334);
  assert.equal(steps.at(-1)!.microBatches.length, 2);
  assert.deepEqual([steps[0]!.divisor, steps.at(-1)!.divisor, steps.at(-1)!.epoch], [4, 2, 2]);
  assert.equal(epochSteps(32000, 2, { ...options, remainder: "accumulation" }).at(-1)!.divisor, 4);
  assert.deepEqual(steps.flatMap((s) => s.microBatches.flat()), Array.from({ length: 32000 }, (_, i) => i));
});

Deno.test("the published run has 125 steps", () => {
  assert.equal(countSteps(1600, { microBatch: 16, accumulation: 4, epochs: 5, maxSteps: null }), 125);
  assert.equal(countSteps(1600, { microBatch: 16, accumulation: 4, epochs: 5, maxSteps: 12 }), 12);
});
