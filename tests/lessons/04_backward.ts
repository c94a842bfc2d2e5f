/**
 * Backward is a Program too.
 *
 * Training asks: if this weight were a little larger, by how much would the loss change? For each weight that number is
 * its gradient, and the chain rule gives all of them in one walk from the loss back to the weights. Each op answers
 * one question: given the gradient of my result, what are the gradients of my inputs?
 *
 *     y = x wᵀ        dx = dy w,  dw = dyᵀ x
 *     y = a + b       da = dy,    db = dy
 *     y = norm(x)     lesson 5
 *
 * Nothing here "traces" a running computation. Ops *record*: `matmul(x, w)` appends a dispatch to a list and notes on a
 * tape that it did. `backward(y, dy, gradients)` goes through the tape from its end and lets each op append the
 * dispatches of its gradients. What comes out is one list, forward and backward, that can be printed, planned and
 * run as often as you like. A whole training step (both models, loss, gradients, AdamW) is one such list: see
 * `./lapidary program distill --step`.
 *
 * Because it is one list, memory can be planned before anything runs. An activation lives from the dispatch that
 * writes it to the last that reads it, and in a training step that last reader is usually its own op's gradient, far
 * down the list: that is what makes training hungry. `train.recompute=block` shortens those lives by computing
 * them twice.
 *
 * How do we know that a gradient is right? Turn the weight a little both ways and look: (f(w + h) - f(w - h)) / 2h.
 *
 * Read next: engine/autograd/op.ts, then engine/autograd/backward.ts.
 */
import assert from "node:assert/strict";
import {
  backward,
  createGradients,
  createTensor,
  matmul,
  output,
  printProgram,
  record,
  rmsNorm,
  scope,
} from "../../engine/mod.ts";
import type { Lesson } from "./lesson.ts";

export const lesson: Lesson = {
  title: "Backward is a Program too",
  async run({ engine, say }) {
    const x = createTensor("x", "input", [2, 4]), dy = createTensor("dy", "input", [2, 3]);
    const norm = createTensor("norm", "parameter", [4], "f32", true);
    const w = createTensor("w", "parameter", [3, 4], "f32", true);
    const { program, result } = record("lesson", engine.target, () => {
      const y = scope("block", () => matmul(rmsNorm(x, norm, 1e-6), w, "NT")), gradients = createGradients();
      backward(y, dy, gradients);
      return { y: output("y", y), dw: output("dw", gradients.of(w)!) };
    });
    say(printProgram(program).split("\nslots")[0]!);
    const places = program.dispatches.map(({ scope }) => scope);
    assert.ok(
      places.indexOf("block") < places.indexOf("backward/block"),
      "the way back follows the way there",
    );

    const weights = Float32Array.from({ length: 12 }, (_, i) => (i * 5 % 7 - 3) / 4);
    await engine.write(x, Float32Array.of(1, -2, 3, 0.5, 0, 1, -1, 2));
    await engine.write(norm, Float32Array.of(0, 0.5, -0.5, 1));
    await engine.write(dy, Float32Array.of(1, 0.5, -1, 2, 0, 1));
    const prepared = await engine.prepare(program);
    /** L = Σ dy y, whose gradient with respect to y is dy. */
    const lossAt = async (values: Float32Array) => {
      await engine.write(w, values);
      engine.run(prepared);
      const [y, d] = [await engine.read(result.y) as Float32Array, await engine.read(dy)];
      return y.reduce((sum, value, i) => sum + value * d[i]!, 0);
    };

    const h = 2 ** -6, rows: (string | number)[][] = [["weight", "gradient by the walk", "by turning it"]];
    await lossAt(weights);
    const dw = await engine.read(result.dw);
    for (const i of [0, 5, 11]) {
      const turned = (by: number) => weights.map((value, j) => j === i ? value + by : value);
      const slope = (await lossAt(turned(h)) - await lossAt(turned(-h))) / (2 * h);
      rows.push([`w[${Math.floor(i / 4)}, ${i % 4}]`, dw[i]!, slope]);
      assert.ok(Math.abs(slope - dw[i]!) < 1e-4);
    }
    say(rows);
    engine.discard(prepared);
    engine.release([x, dy, norm, w, result.y, result.dw].map(({ slot }) => slot));
  },
};
