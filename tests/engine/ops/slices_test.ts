/** Ops over tensors that one binding cannot cover give the same values as in one piece, bit for bit. */
import assert from "node:assert/strict";
import {
  add,
  embedding,
  type Engine,
  multiply,
  record,
  sum,
  temporary,
  type Tensor,
} from "../../../engine/mod.ts";
import { assertClose } from "../../support/close.ts";
import { gpuTest } from "../../support/engine.ts";
import { differentiateOnDevice, type Input } from "../../support/evaluate.ts";

/** The same engine, recording for bindings of 1 KiB. */
const narrow = (engine: Engine): Engine => ({ ...engine, target: { ...engine.target, maxBinding: 1024 } });

const wave = (...shape: number[]): Input => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(0.7 * i)),
});

async function both(engine: Engine, inputs: Input[], upstream: Input, f: (...tensors: Tensor[]) => Tensor) {
  const whole = await differentiateOnDevice(engine, inputs, upstream, f);
  const sliced = await differentiateOnDevice(narrow(engine), inputs, upstream, f);
  return { whole, sliced };
}

gpuTest("elementwise ops and their gradients", async (engine) => {
  for (const length of [1000, 1027]) {
    const inputs = [wave(length), wave(length)];
    const { whole, sliced } = await both(engine, inputs, wave(length), (a, b) => add(multiply(a!, b!), a!));
    assert.deepEqual(sliced, whole);
  }
});

gpuTest("embedding and its gradient", async (engine) => {
  const ids = { shape: [9], data: Uint32Array.of(199, 0, 63, 64, 63, 128, 127, 0, 63) };
  const { whole, sliced } = await both(
    engine,
    [wave(200, 3), ids],
    wave(9, 3),
    (table, ids) => embedding(table!, ids!, 2),
  );
  assert.deepEqual(sliced, whole);
});

gpuTest("a sum over slices adds their parts", async (engine) => {
  const { whole, sliced } = await both(engine, [wave(3000)], wave(1), (x) => sum(x!));
  assertClose(sliced.value, whole.value, "sum", 1e-5, 1e-4);
  assert.deepEqual(sliced.gradients, whole.gradients);
});

gpuTest("narrow bindings are what splits the work", (engine) => {
  const count = (target: Engine["target"]) =>
    record("p", target, () => add(temporary("a", [1000]), temporary("b", [1000]))).program.dispatches.length;
  assert.equal(count(engine.target), 1);
  assert.equal(count(narrow(engine).target), 4);
});
