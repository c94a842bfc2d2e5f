import assert from "node:assert/strict";
import fc from "fast-check";
import { learningRate } from "../../../train/optim/mod.ts";
import { assertClose } from "../../support/close.ts";

const rates = (schedule: "constant" | "linear" | "cosine", warmupSteps: number, steps: number) =>
  Array.from({ length: steps }, (_, i) => learningRate({ lr: 1, schedule, warmupSteps }, i + 1, steps));

Deno.test("constant, linear and cosine rates of six steps, two of warm-up", () => {
  assert.deepEqual(rates("constant", 2, 6), [0.5, 1, 1, 1, 1, 1]);
  assert.deepEqual(rates("linear", 2, 6), [0.5, 1, 1, 0.75, 0.5, 0.25]);
  const half = Math.SQRT1_2;
  assertClose(rates("cosine", 2, 6), [0.5, 1, 1, (1 + half) / 2, 0.5, (1 - half) / 2], "cosine", 0, 1e-12);
});

Deno.test("a rate is above 0, never above lr, and falls after the warm-up", () => {
  const schedules = fc.constantFrom("constant" as const, "linear" as const, "cosine" as const);
  fc.assert(
    fc.property(schedules, fc.nat(9), fc.integer({ min: 1, max: 40 }), (schedule, warmupSteps, steps) => {
      const all = rates(schedule, warmupSteps, steps);
      assert.ok(all.every((rate) => rate > 0 && rate <= 1));
      const after = all.slice(warmupSteps);
      assert.deepEqual(after, after.toSorted((a, b) => b - a));
    }),
    { seed: 1, numRuns: 100 },
  );
});
