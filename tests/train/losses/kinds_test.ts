/** What the definitions promise, in f64: zero gradients of the legacy losses, limits, and losses that are one another. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { effectiveKind, type LossConfig, needsTeacher, rowLoss } from "../../../train/losses/mod.ts";
import { assertClose } from "../../support/close.ts";

const logits = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 6, maxLength: 6 });
const skews = fc.double({ min: 0, max: 0.99, noNaN: true });
const SEED = { seed: 3, numRuns: 50 };

const loss = (changes: Partial<LossConfig>): LossConfig => ({
  kind: "forward_kl",
  alpha: 0,
  beta: 1,
  temperature: 2,
  skew: 0,
  ...changes,
});
const row = (student: readonly number[], teacher: readonly number[], changes: Partial<LossConfig>) =>
  rowLoss(Float64Array.from(student), Float64Array.from(teacher), 0, loss(changes));
const size = (gradient: Float64Array) => Math.hypot(...gradient);

Deno.test("legacy-v1 has no gradient, whatever student, teacher, skew and temperature", () => {
  fc.assert(
    fc.property(
      logits,
      logits,
      skews,
      fc.double({ min: 0.5, max: 8, noNaN: true }),
      (z, t, skew, temperature) => {
        assert.ok(size(row(z, t, { kind: "legacy-v1", skew, temperature }).divergenceGradient) < 1e-14);
      },
    ),
    SEED,
  );
});

Deno.test("legacy-v3 has no gradient at skew 0, and is skew_kl of skew 1 - a elsewhere", () => {
  fc.assert(
    fc.property(logits, logits, skews, (z, t, skew) => {
      assert.equal(size(row(z, t, { kind: "legacy-v3", skew: 0 }).divergenceGradient), 0);
      const legacy = row(z, t, { kind: "legacy-v3", skew }),
        skewed = row(z, t, { kind: "skew_kl", skew: 1 - skew });
      assertClose([legacy.divergence], [skewed.divergence], "value", 0, 1e-6);
      assertClose(legacy.divergenceGradient, skewed.divergenceGradient, "gradient", 0, 1e-6);
    }),
    SEED,
  );
});

Deno.test("every divergence is 0 with a zero gradient where student and teacher agree", () => {
  fc.assert(
    fc.property(logits, (z) => {
      for (const kind of ["forward_kl", "reverse_kl", "skew_kl", "skew_reverse_kl", "jsd", "tvd"] as const) {
        const { divergence, divergenceGradient } = row(z, z, { kind, skew: 0.3 });
        assertClose([divergence, size(divergenceGradient)], [0, 0], kind, 0, 1e-13);
      }
    }),
    SEED,
  );
});

Deno.test("the ends of jsd and of the skewed losses are the plain divergences, not their zero limits", () => {
  const z = [1, -2, 0.5], t = [0, 1, -1];
  for (
    const [kind, skew, plain] of [
      ["jsd", 0, "forward_kl"],
      ["jsd", 1, "reverse_kl"],
      ["skew_kl", 0, "forward_kl"],
      ["skew_reverse_kl", 0, "reverse_kl"],
    ] as const
  ) {
    assert.equal(effectiveKind({ kind, skew }), plain);
    assert.deepEqual(row(z, t, { kind, skew }), row(z, t, { kind: plain }));
  }
  assert.equal(effectiveKind({ kind: "jsd", skew: 0.5 }), "jsd");
  assert.equal(effectiveKind({ kind: "legacy-v3", skew: 0 }), "legacy-v3");
});

Deno.test("a teacher is needed where a divergence counts", () => {
  assert.equal(needsTeacher({ kind: "forward_kl", beta: 0.1 }), true);
  assert.equal(needsTeacher({ kind: "forward_kl", beta: 0 }), false);
  assert.equal(needsTeacher({ kind: "cross_entropy", beta: 1 }), false);
});
