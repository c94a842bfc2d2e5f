/** A checkpoint changes what memory holds and when work is done, and no bit of any value. */
import assert from "node:assert/strict";
import {
  add,
  backward,
  checkpoint,
  createGradients,
  createTensor,
  linear,
  multiply,
  plan,
  record,
  rmsNorm,
  scale,
  softmax,
  temporary,
  type Tensor,
} from "../../../engine/mod.ts";
import { assertClose } from "../../support/close.ts";
import { gpuTest } from "../../support/engine.ts";
import { throwsWith } from "../../support/errors.ts";
import { differentiateOnDevice, type Input } from "../../support/evaluate.ts";
import { TARGET } from "../../support/target.ts";

const values = (shape: readonly number[], phase: number): Input => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1.7 * i + phase)),
});

/** A residual block with a captured norm and a captured matrix. */
const block = (norm: Tensor, w: Tensor) => (x: Tensor) => add(x, softmax(linear(rmsNorm(x, norm, 1e-6), w)));

type Wrap = (f: (...inputs: Tensor[]) => Tensor, inputs: readonly Tensor[]) => Tensor;
const plainly: Wrap = (f, inputs) => f(...inputs);

/** Functions of x [3, 4], a norm's weight [4] and a matrix [4, 4], with a place for checkpoints. */
const FUNCTIONS: Record<string, (wrap: Wrap) => (x: Tensor, norm: Tensor, w: Tensor) => Tensor> = {
  "blocks that share their parameters": (wrap) => (x, norm, w) =>
    wrap(block(norm, w), [wrap(block(norm, w), [scale(x, 2)])]),
  "a parameter also used outside, before and after": (wrap) => (x, norm, w) =>
    linear(wrap(block(norm, w), [linear(x, w)]), w),
  "two inputs, one of them twice": (wrap) => (x, norm, w) => {
    const a = scale(x, 2), b = rmsNorm(x, norm, 1e-6);
    return linear(wrap((p, q, r) => multiply(add(p!, q!), r!), [a, b, a]), w);
  },
  "one within another": (wrap) => (x, norm, w) =>
    wrap((y) => scale(wrap(block(norm, w), [multiply(y, y)]), 3), [scale(x, 2)]),
};

for (const [name, make] of Object.entries(FUNCTIONS)) {
  gpuTest(`${name}: value and gradients have the same bits with checkpoints`, async (engine) => {
    const inputs = [values([3, 4], 0), values([4], 3), values([4, 4], 1)], upstream = values([3, 4], 0.3);
    const run = (wrap: Wrap) =>
      differentiateOnDevice(engine, inputs, upstream, make(wrap) as (...tensors: Tensor[]) => Tensor);
    const plain = await run(plainly);
    assert.ok(plain.gradients.every((gradient) => gradient.some((value) => value !== 0)));
    assert.deepEqual(await run(checkpoint), plain);
  });
}

gpuTest("an input used outside as well has the same gradient, added up in another order", async (engine) => {
  const inputs = [values([3, 4], 0), values([4], 3), values([4, 4], 1)], upstream = values([3, 4], 0.3);
  const run = (wrap: Wrap) =>
    differentiateOnDevice(
      engine,
      inputs,
      upstream,
      (x, norm, w) => add(multiply(x!, x!), wrap(block(norm!, w!), [x!])),
    );
  const plain = await run(plainly), { value, gradients } = await run(checkpoint);
  assert.deepEqual(value, plain.value);
  gradients.forEach((gradient, i) => assertClose(gradient, plain.gradients[i]!, `input ${i}`, 1e-6, 1e-6));
});

/** Eight blocks and the walk back through them. */
function chain(wrap: Wrap) {
  const x = createTensor("x", "parameter", [64, 64], "f32", true);
  const norm = createTensor("norm", "parameter", [64], "f32", true);
  const w = createTensor("w", "parameter", [64, 64], "f32", true);
  return record("chain", TARGET, () => {
    let h = scale(x, 2);
    for (let i = 0; i < 8; i++) h = wrap(block(norm, w), [h]);
    backward(h, temporary("dy", [64, 64]), createGradients());
  }).program;
}

Deno.test("memory falls, and work rises by one forward pass", () => {
  const bytes = (wrap: Wrap) => plan(chain(wrap)).sizes.reduce((sum, size) => sum + size, 0);
  const plain = chain(plainly), again = chain(checkpoint);
  assert.ok(bytes(checkpoint) < 0.6 * bytes(plainly), `${bytes(checkpoint)} of ${bytes(plainly)} bytes`);
  const recomputed = again.dispatches.filter(({ scope }) => scope.includes("recompute"));
  const forward = plain.dispatches.slice(1, 1 + recomputed.length);
  assert.deepEqual(recomputed.map(({ op }) => op), forward.map(({ op }) => op));
  assert.equal(forward.at(-1)!.op, "add");
  assert.equal(again.dispatches.length, plain.dispatches.length + recomputed.length);
});

Deno.test("a captured intermediate and a result that only captures are errors", () => {
  const x = createTensor("x", "parameter", [4], "f32", true), frozen = createTensor("f", "input", [4]);
  throwsWith(
    () =>
      record("p", TARGET, () => {
        const y = scale(x, 2);
        backward(checkpoint((z) => multiply(z!, y), [x]), temporary("dy", [4]), createGradients());
      }),
    TypeError,
    "Cannot checkpoint f as it uses a tensor that was computed outside of it; pass that as an input",
  );
  throwsWith(
    () => record("p", TARGET, () => void checkpoint((z) => multiply(z!, x), [frozen])),
    TypeError,
    "Cannot checkpoint f as gradients flow into its result and into none of its inputs",
  );
});
