import assert from "node:assert/strict";
import { type LossConfig, zeroGradientWarnings } from "../../../train/losses/mod.ts";

const loss = (changes: Partial<LossConfig>): LossConfig => ({
  kind: "legacy-v1",
  alpha: 0.5,
  beta: 0.5,
  temperature: 2,
  skew: 0,
  ...changes,
});

Deno.test("a divergence whose gradient is rounding alone is named, with its share over all steps", () => {
  const steps = [{ crossEntropy: 3, distillation: 3e-8 }, { crossEntropy: 4, distillation: 4e-8 }];
  assert.deepEqual(zeroGradientWarnings(steps, loss({})), [
    "The loss legacy-v1 counts with weight 0.5 but its gradient is 1.0e-8 of that of cross_entropy in the first 2 steps, " +
    "so it teaches nothing; choose another loss.kind or loss.skew, or set loss.beta=0 if that is meant",
  ]);
});

Deno.test("a gradient of exactly 0 is named even where cross-entropy does not count", () => {
  const steps = [{ crossEntropy: 2, distillation: 0 }];
  assert.deepEqual(zeroGradientWarnings(steps, loss({ kind: "legacy-v3", alpha: 0, beta: 1 })), [
    "The loss legacy-v3 counts with weight 1 but its gradient is exactly 0 in the first step, " +
    "so it teaches nothing; choose another loss.kind or loss.skew, or set loss.beta=0 if that is meant",
  ]);
});

Deno.test("cross-entropy is named too", () => {
  const steps = [{ crossEntropy: 0, distillation: 2 }];
  assert.deepEqual(zeroGradientWarnings(steps, loss({ kind: "forward_kl" })), [
    "The loss cross_entropy counts with weight 0.5 but its gradient is exactly 0 in the first step, " +
    "so it teaches nothing; set loss.alpha=0 if that is meant",
  ]);
  assert.equal(zeroGradientWarnings([{ crossEntropy: 0, distillation: 0 }], loss({})).length, 2);
});

Deno.test("losses that teach, or that do not count, are not named", () => {
  const none = { crossEntropy: 1, distillation: 0 }, little = { crossEntropy: 1, distillation: 2e-6 };
  assert.deepEqual(zeroGradientWarnings([little], loss({})), []);
  assert.deepEqual(zeroGradientWarnings([none, little], loss({})), []);
  assert.deepEqual(zeroGradientWarnings([none], loss({ beta: 0 })), []);
  assert.deepEqual(zeroGradientWarnings([none], loss({ kind: "cross_entropy", alpha: 1 })), []);
  assert.deepEqual(zeroGradientWarnings([{ crossEntropy: 0, distillation: 1 }], loss({ alpha: 0 })), []);
  assert.deepEqual(zeroGradientWarnings([], loss({})), []);
});
