/**
 * RMSNorm's gradient, derived and checked.
 *
 * A norm sets the size of a row and keeps its direction. Gemma's, for a row x of C numbers:
 *
 *     r = 1 / √(mean(x²) + eps)          y_c = x_c r (1 + w_c)
 *
 * The derivative is not only r (1 + w), as r depends on every x. Take it in two steps. First r:
 *
 *     ∂r/∂x_j = -½ (mean(x²) + eps)^(-3/2) · 2 x_j / C = -r³ x_j / C
 *
 * Then y_c, by the product rule, where δ is 1 for c = j and else 0:
 *
 *     ∂y_c/∂x_j = (1 + w_c) (δ r - r³ x_c x_j / C)
 *
 * Now let dy be the gradient of y. With g_c = dy_c (1 + w_c) the sum over c of dy_c ∂y_c/∂x_j is
 *
 *     dx_j = r g_j - r³ x_j (Σ_c g_c x_c) / C
 *
 * Read it: the first term is what one would expect; the second takes away the part of it that lies along x. Of course:
 * making x longer changes nothing, so no gradient may ask for it. Where eps is small, dx is at a right angle to x.
 * That is a law, and laws make good tests, as they need no other implementation to compare with.
 *
 * The sum over c is one number a row. A kernel that walks a row twice (once for the sum, once for dx) needs no memory
 * in between, and the op keeps only r of the forward pass.
 *
 * Read next: engine/ops/rms_norm/backward.wgsl, where the same derivation stands above the same formula.
 */
import assert from "node:assert/strict";
import { backward, createGradients, createTensor, output, record, rmsNorm } from "../../engine/mod.ts";
import type { Lesson } from "./lesson.ts";

const EPS = 1e-6;

/** The definition. */
function norm(x: readonly number[], w: readonly number[]): number[] {
  const r = 1 / Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length + EPS);
  return x.map((v, c) => v * r * (1 + w[c]!));
}

/** What was derived above. */
function gradient(x: readonly number[], w: readonly number[], dy: readonly number[]): number[] {
  const C = x.length, r = 1 / Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / C + EPS);
  const g = dy.map((d, c) => d * (1 + w[c]!)), along = g.reduce((sum, v, c) => sum + v * x[c]!, 0);
  return x.map((v, c) => r * g[c]! - r ** 3 * v * along / C);
}

export const lesson: Lesson = {
  title: "RMSNorm's gradient, derived and checked",
  async run({ engine, say }) {
    const x = [3, -1, 0.5, 2, -4], w = [0, 0.5, -0.25, 1, 0], dy = [1, -2, 0.5, 0, 1];
    const derived = gradient(x, w, dy);

    // Witness 1: the definition itself, turned a little both ways.
    const value = (x: readonly number[]) => norm(x, w).reduce((sum, y, c) => sum + y * dy[c]!, 0);
    const h = 1e-5,
      turned = x.map((_, j) => {
        const at = (by: number) => value(x.map((v, c) => c === j ? v + by : v));
        return (at(h) - at(-h)) / (2 * h);
      });

    // Witness 2: the device.
    const tensor = createTensor("x", "input", [1, 5], "f32", true),
      weight = createTensor("w", "parameter", [5]);
    const upstream = createTensor("dy", "input", [1, 5]);
    const { program, result } = record("lesson", engine.target, () => {
      const gradients = createGradients();
      backward(rmsNorm(tensor, weight, EPS), upstream, gradients);
      return output("dx", gradients.of(tensor)!);
    });
    const prepared = await engine.prepare(program);
    for (const [t, values] of [[tensor, x], [weight, w], [upstream, dy]] as const) {
      await engine.write(t, Float32Array.from(values));
    }
    engine.run(prepared);
    const device = [...await engine.read(result)];
    say([
      ["", ...x.map((_, c) => `dx[${c}]`)],
      ["derived", ...derived],
      ["turned", ...turned],
      ["device", ...device],
    ]);
    derived.forEach((d, c) => {
      assert.ok(Math.abs(d - turned[c]!) < 1e-8);
      assert.ok(Math.abs(d - device[c]!) < 1e-6);
    });

    // Witness 3: the law. Longer x, same y, so dx has no part along x.
    const along = derived.reduce((sum, d, c) => sum + d * x[c]!, 0);
    const longer = norm(x.map((v) => 10 * v), w);
    say(
      `dx · x = ${along.toExponential(1)}; ten times x gives the same y within ${
        Math.max(...norm(x, w).map((y, c) => Math.abs(y - longer[c]!))).toExponential(1)
      }`,
    );
    assert.ok(Math.abs(along) < 1e-5);
    engine.discard(prepared);
    engine.release([tensor, weight, upstream, result].map(({ slot }) => slot));
  },
};
