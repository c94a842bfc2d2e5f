import assert from "node:assert/strict";
import {
  add,
  apply,
  backward,
  createGradients,
  createTensor,
  embedding,
  type Layout,
  linear,
  matmul,
  multiply,
  type Op,
  output,
  record,
  reshape,
  rmsNorm,
  rows,
  scale,
  softmax,
  temporary,
  type Tensor,
} from "../../../engine/mod.ts";
import { assertClose } from "../../support/close.ts";
import { gpuTest } from "../../support/engine.ts";
import { throwsWith } from "../../support/errors.ts";
import { differentiateOnDevice, evaluateOnDevice, type Input } from "../../support/evaluate.ts";
import { TARGET } from "../../support/target.ts";

const values = (shape: readonly number[], phase: number): Input => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1.7 * i + phase)),
});

type F64 = (...inputs: Float64Array[]) => Float64Array;

/** C [m, n] = A B in f64, A and B given as functions of row and column. */
function product(
  m: number,
  n: number,
  k: number,
  a: (i: number, j: number) => number,
  b: typeof a,
): Float64Array {
  return Float64Array.from({ length: m * n }, (_, at) => {
    let sum = 0;
    for (let j = 0; j < k; j++) sum += a(Math.floor(at / n), j) * b(j, at % n);
    return sum;
  });
}

/** Gradients on the device against central differences of the same function in f64. */
function gradientTest(
  name: string,
  inputs: readonly Input[],
  shape: readonly number[],
  onDevice: (...tensors: Tensor[]) => Tensor,
  inF64: F64,
): void {
  gpuTest(`gradient of ${name}`, async (engine) => {
    const upstream = values(shape, 0.3), wide = inputs.map(({ data }) => Float64Array.from(data));
    const { value, gradients } = await differentiateOnDevice(engine, inputs, upstream, onDevice);
    assertClose(value, inF64(...wide), "value", 1e-5, 1e-5);
    const differentiable = wide.map((_, i) => i).filter((i) => inputs[i]!.data instanceof Float32Array);
    assert.equal(gradients.length, differentiable.length);
    differentiable.forEach((i, at) => {
      const loss = (j: number, step: number) =>
        inF64(...wide.map((x, k) => k === i ? x.with(j, x[j]! + step) : x))
          .reduce((sum, y, n) => sum + y * upstream.data[n]!, 0);
      const slopes = wide[i]!.map((_, j) => (loss(j, 1e-4) - loss(j, -1e-4)) / 2e-4);
      assertClose(gradients[at]!, slopes, `gradient of input ${i}`, 1e-5, 2e-5);
    });
  });
}

const x = values([3, 4], 0), map = (f: (x: number) => number): F64 => (x) => x.map((value) => f(value));

gradientTest("a leaf used twice by one op", [x], [3, 4], (x) => multiply(x, x), map((x) => x * x));
gradientTest(
  "a leaf used three times",
  [x],
  [3, 4],
  (x) => add(multiply(x, x), scale(x, 3)),
  map((x) => x * x + 3 * x),
);
gradientTest("an intermediate used twice by one op", [x], [3, 4], (x) => {
  const u = scale(x, 2);
  return multiply(u, u);
}, map((x) => 4 * x * x));
const doubled = (u: Tensor) => add(u, u);
gradientTest("an intermediate doubled", [x], [3, 4], (x) => doubled(scale(x, 2)), map((x) => 4 * x));
gradientTest("an intermediate used three times", [x], [3, 4], (x) => {
  const u = scale(x, 2);
  return add(add(multiply(u, u), u), scale(u, 5));
}, map((x) => 4 * x * x + 12 * x));
gradientTest("aliases through reshape and add", [x], [2, 6], (x) => {
  const flat = reshape(x, [12]), u = add(flat, flat);
  return reshape(add(multiply(u, reshape(x, [12])), add(u, flat)), [2, 6]);
}, map((x) => 2 * x * x + 3 * x));
gradientTest("an alias that is also the output's other input", [x], [12], (x) => {
  const y = reshape(scale(x, 2), [12]);
  return add(y, multiply(y, y));
}, map((x) => 2 * x + 4 * x * x));

for (const layout of ["NN", "NT", "TN"] as const satisfies readonly Layout[]) {
  const reference: F64 = (w) => {
    const at = (i: number, j: number) => w[4 * i + j]!, turned = (i: number, j: number) => at(j, i);
    return product(4, 4, 4, layout === "TN" ? turned : at, layout === "NT" ? turned : at);
  };
  const w = values([4, 4], 1);
  gradientTest(`a leaf times itself, ${layout}`, [w], [4, 4], (w) => matmul(w, w, layout), reference);
  gradientTest(
    `an intermediate times itself, ${layout}`,
    [w],
    [4, 4],
    (w) => {
      const u = scale(w, 1);
      return matmul(u, u, layout);
    },
    reference,
  );
}

const twice: F64 = (x, w) => {
  const once = product(3, 4, 4, (i, j) => x![4 * i + j]!, (i, j) => w![4 * j + i]!);
  return product(3, 4, 4, (i, j) => once[4 * i + j]!, (i, j) => w![4 * j + i]!);
};
gradientTest(
  "a weight shared by two layers",
  [x, values([4, 4], 1)],
  [3, 4],
  (x, w) => linear(linear(x, w), w),
  twice,
);

const ids = { shape: [3], data: Uint32Array.of(2, 0, 2) };
gradientTest(
  "a table tied to the head",
  [values([5, 4], 2), ids],
  [3, 5],
  (table, ids) => linear(embedding(table, ids, 2), table),
  (table, ids) => product(3, 5, 4, (n, c) => 2 * table![4 * ids![n]! + c]!, (c, v) => table![4 * v + c]!),
);

const norm: F64 = (x, w) =>
  x!.map((value, i) => {
    const row = x!.subarray(4 * Math.floor(i / 4), 4 * Math.floor(i / 4) + 4);
    return value * (1 + w![i % 4]!) / Math.sqrt(row.reduce((sum, v) => sum + v * v, 0) / 4 + 1e-6);
  });
gradientTest(
  "a norm's weight used twice",
  [x, values([4], 3)],
  [3, 4],
  (x, w) => rmsNorm(rmsNorm(x, w, 1e-6), w, 1e-6),
  (x, w) => norm(norm(x!, w!), w!),
);
gradientTest(
  "a residual block",
  [x, values([4], 3), values([4, 4], 1)],
  [3, 4],
  (x, norm, w) => add(x, softmax(linear(rmsNorm(x, norm, 1e-6), w))),
  (x, w, weight) => {
    const h = norm(x!, w!), z = product(3, 4, 4, (i, j) => h[4 * i + j]!, (i, j) => weight![4 * j + i]!);
    const total = (row: number) => z.subarray(4 * row, 4 * row + 4).reduce((sum, v) => sum + Math.exp(v), 0);
    return x!.map((value, i) => value + Math.exp(z[i]!) / total(Math.floor(i / 4)));
  },
);

gradientTest(
  "norms onto a residual stream",
  [x, values([4], 3), values([4], 1)],
  [3, 4],
  (x, w, v) => {
    const h = rmsNorm(scale(x, 3), w, 1e-6, scale(x, 2));
    const next = rmsNorm(rmsNorm(h, v, 1e-6), w, 1e-6, h);
    return rmsNorm(next, v, 1e-6, next);
  },
  (x, w, v) => {
    const plus = (a: Float64Array, b: Float64Array) => a.map((value, i) => value + b[i]!);
    const h = plus(norm(x!.map((value) => 3 * value), w!), x!.map((value) => 2 * value));
    const next = plus(norm(norm(h, v!), w!), h);
    return plus(norm(next, v!), next);
  },
);

Deno.test("gradients of a residual stream meet in place: nothing is copied or added up apart", () => {
  const x = createTensor("x", "input", [3, 4], "f32", true), w = createTensor("w", "input", [4], "f32", true);
  const { program } = record("p", TARGET, () => {
    let h = scale(x, 2);
    for (let layer = 0; layer < 2; layer++) h = rmsNorm(softmax(rmsNorm(h, w, 1e-6)), w, 1e-6, h);
    backward(scale(h, 3), temporary("dy", [3, 4]), createGradients());
  });
  assert.deepEqual(program.dispatches.filter(({ op }) => /accumulate|copy/.test(op)), []);
});

gpuTest("two walks add up into the given targets", async (engine) => {
  const w = values([3, 5], 4), xs = [values([2, 5], 5), values([4, 5], 6)];
  const seeds = [values([2, 3], 7), values([4, 3], 8)];
  const [dw] = await evaluateOnDevice(engine, [w, ...xs, ...seeds], (w, a, b, da, db) => {
    const target = createTensor("d w", "state", [3, 5]), gradients = createGradients(new Map([[w!, target]]));
    backward(scale(linear(a!, w!), 1), da!, gradients);
    backward(linear(b!, w!), db!, gradients);
    assert.equal(gradients.of(w!), target);
    return [target];
  });
  const expected = new Float64Array(15);
  xs.forEach((x, k) => {
    const rows = x.shape[0]!;
    for (let n = 0; n < 3; n++) {
      for (let c = 0; c < 5; c++) {
        for (let r = 0; r < rows; r++) {
          expected[5 * n + c]! += seeds[k]!.data[3 * r + n]! * x.data[5 * r + c]!;
        }
      }
    }
  });
  assertClose(dw!, expected, "d w", 1e-5, 1e-5);
});

gpuTest("a Program that is run again overwrites its gradients", async (engine) => {
  const w = createTensor("w", "parameter", [4], "f32", true), seed = createTensor("dy", "input", [4]);
  const target = createTensor("d w", "state", [4]);
  const { program } = record("again", engine.target, () => {
    backward(multiply(w, w), seed, createGradients(new Map([[w, target]])));
  });
  const prepared = await engine.prepare(program);
  await engine.write(w, Float32Array.of(1, 2, 3, 4));
  await engine.write(seed, Float32Array.of(1, 1, 1, 1));
  await engine.write(target, Float32Array.of(9, 9, 9, 9));
  for (let i = 0; i < 2; i++) {
    engine.run(prepared);
    assert.deepEqual([...await engine.read(target)], [2, 4, 6, 8]);
  }
});

Deno.test("gradients reach what is differentiable and nothing else", () => {
  const w = createTensor("w", "parameter", [4], "f32", true), frozen = createTensor("f", "parameter", [4]);
  const unused = createTensor("u", "parameter", [4], "f32", true);
  const table = createTensor("t", "parameter", [64, 4], "f32", true);
  record("p", TARGET, () => {
    const gradients = createGradients();
    const cut = reshape(rows(table, 16, 17), [4]);
    backward(add(multiply(w, frozen), cut), temporary("dy", [4]), gradients);
    assert.deepEqual(gradients.of(w)?.shape, [4]);
    for (const leaf of [frozen, unused, table]) assert.equal(gradients.of(leaf), undefined);
  });
});

Deno.test("without anything differentiable a walk records nothing", () => {
  const x = createTensor("x", "input", [4]);
  const { program } = record("p", TARGET, () => {
    backward(scale(x, 2), temporary("dy", [4]), createGradients());
  });
  assert.deepEqual(program.dispatches.map(({ op }) => op), ["scale"]);
});

Deno.test("a seed of another shape is an error", () => {
  const x = createTensor("x", "input", [4], "f32", true);
  throwsWith(
    () => record("p", TARGET, () => backward(scale(x, 2), temporary("dy", [2, 2]), createGradients())),
    TypeError,
    "Cannot walk back from [4] with a seed [2, 2] as the shapes must be equal",
  );
});

Deno.test("an op of which one output has no gradient is an error", () => {
  const split: Op = {
    name: "split",
    formula: "y, z = x, x",
    forward: ([x]) => ({ outputs: [temporary("y", x!.shape), temporary("z", x!.shape)] }),
    backward: ({ gradients: [dy] }) => [dy],
  };
  const x = createTensor("x", "input", [4], "f32", true);
  throwsWith(
    () =>
      record("p", TARGET, () => backward(apply(split, [x], {})[0]!, temporary("dy", [4]), createGradients())),
    TypeError,
    "Cannot walk back through split as its output 1 has no gradient",
  );
});

gpuTest("an op that is not differentiable stops the walk", async (engine) => {
  const frozen: Op = {
    name: "stop",
    formula: "y = x",
    forward: ([x]) => ({ outputs: [output("stopped", x!)] }),
    backward: "not differentiable",
  };
  const { value, gradients } = await differentiateOnDevice(
    engine,
    [values([4], 0), values([4], 1)],
    values([4], 2),
    (x, w) => multiply(apply(frozen, [x], {})[0]!, w),
  );
  const [a, b, dy] = [0, 1, 2].map((phase) => values([4], phase).data);
  assertClose(value, a!.map((v, i) => v * b![i]!), "value");
  assert.equal(gradients.length, 1);
  assertClose(gradients[0]!, a!.map((v, i) => v * dy![i]!), "d w");
});
