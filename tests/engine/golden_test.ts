/** Every op against PyTorch: values and gradients of tests/golden/ops.py. AdamW and the clip are in tests/train/optim. */
import assert from "node:assert/strict";
import {
  add,
  argmax,
  attention,
  crossEntropy,
  embedding,
  gatedGelu,
  gatedLinear,
  gatherRows,
  matmul,
  multiply,
  reshape,
  rmsNorm,
  rope,
  scale,
  softcap,
  softmax,
  sum,
  type Tensor,
} from "../../engine/mod.ts";
import { ropeAngles } from "../../model/gemma3/rope_tables.ts";
import { assertClose } from "../support/close.ts";
import { gpuTest } from "../support/engine.ts";
import { differentiateOnDevice, evaluateOnDevice, type Input } from "../support/evaluate.ts";
import { GOLDEN_OPS, type GoldenCase, readGoldenTensors } from "../support/golden_ops.ts";

type Inputs = Readonly<Record<string, Input>>;
type Tensors = Readonly<Record<string, Tensor>>;

/** How a case is computed here: constants that PyTorch's version computes inside, and the ops. */
interface Computation {
  constants?(inputs: Inputs, settings: GoldenCase["settings"]): Inputs;
  result(tensors: Tensors, settings: GoldenCase["settings"], inputs: Inputs): Tensor;
}

const f32 = (shape: number[], data: Iterable<number>): Input => ({ shape, data: Float32Array.from(data) });
const u32 = (shape: number[], data: Iterable<number>): Input => ({ shape, data: Uint32Array.from(data) });
const elements = (input: Input) => input.data.length;

/** Sum or mean over all of [R, C], or over each row: a product with a column of ones. */
const reduction = (mean: boolean): Computation => ({
  constants: ({ a }) => ({ ones: f32([a!.shape[1]!, 1], Array(a!.shape[1]!).fill(1)) }),
  result({ a, ones }, { axis }, inputs) {
    if (axis === undefined) return mean ? scale(sum(a!), 1 / elements(inputs.a!)) : sum(a!);
    return matmul(a!, ones!, "NN", mean ? 1 / a!.shape[1]! : 1);
  },
});

const COMPUTATIONS: Readonly<Record<string, Computation>> = {
  "matmul a b": { result: ({ a, b }) => matmul(a!, b!, "NN") },
  "matmul a bT": { result: ({ a, b }) => matmul(a!, b!, "NT") },
  "matmul aT b": { result: ({ a, b }) => matmul(a!, b!, "TN") },
  rms_norm: { result: ({ x, weight, residual }, { eps }) => rmsNorm(x!, weight!, eps, residual) },
  rope: {
    constants({ x }, { base, factor }) {
      const [, T, , D] = x!.shape as [number, number, number, number];
      const angles = ropeAngles(base, factor, D, T), shape = [T, D / 2];
      return {
        cosine: f32(shape, angles.map(Math.cos)),
        sine: f32(shape, angles.map(Math.sin)),
        positions: u32([T], Array(T).keys()),
      };
    },
    result: ({ x, cosine, sine, positions }) => rope(x!, cosine!, sine!, positions!),
  },
  softmax: { result: ({ x }) => softmax(x!) },
  attention: {
    result: ({ q, k, v, spans }, { window, scale }) => attention(q!, k!, v!, spans!, window, scale),
  },
  "gelu_tanh(gate) * up": { result: ({ gate, up }) => gatedGelu(gate!, up!) },
  "gelu_tanh(x gateT) * x upT": { result: ({ x, gate, up }) => gatedLinear(x!, gate!, up!) },
  add: { result: ({ a, b }) => add(a!, b!) },
  mul: { result: ({ a, b }) => multiply(a!, b!) },
  scale: { result: ({ a }, { factor }) => scale(a!, factor) },
  softcap: { result: ({ a }, { cap }) => softcap(a!, cap) },
  sum: reduction(false),
  mean: reduction(true),
  embedding: { result: ({ table, ids }, settings) => embedding(table!, ids!, settings.scale) },
  cross_entropy: {
    result({ logits, targets, weights }) {
      const losses = crossEntropy(logits!, targets!);
      return weights ? sum(multiply(losses, weights)) : losses;
    },
  },
  argmax: { result: ({ x }) => argmax(x!) },
  gather_rows: { result: ({ x, index }) => gatherRows(x!, index!) },
};

const tensors = readGoldenTensors();
const tested = Object.entries(GOLDEN_OPS).filter(([, { differentiable }]) => differentiable);

for (const [name, golden] of tested) {
  const { op, settings } = golden, differentiable = golden.differentiable!;
  gpuTest(`PyTorch: ${name}`, async (engine) => {
    const given = Object.fromEntries(
      [...tensors].filter(([key]) => key.startsWith(`${name}.in.`))
        .map(([key, input]) => [key.slice(`${name}.in.`.length), input]),
    );
    const computation = COMPUTATIONS[op];
    assert.ok(computation, `no computation for ${op}`);
    const inputs: Inputs = { ...given, ...computation.constants?.(given, settings) };
    // Those with a gradient first, so that gradients come in their order.
    const names = [...differentiable, ...Object.keys(inputs).filter((key) => !differentiable.includes(key))];
    const expected = tensors.get(`${name}.out`)!;
    if (differentiable.length === 0) { // such ops choose, and compute nothing
      const [value] = await evaluateOnDevice(engine, names.map((key) => inputs[key]!), (...given) => [
        computation.result(Object.fromEntries(names.map((key, i) => [key, given[i]!])), settings, inputs),
      ]);
      assert.deepEqual(value, expected.data);
      return;
    }
    const upstream = tensors.get(`${name}.up`)!;
    const shape: number[] = expected.shape.length === 0 ? [1] : [...expected.shape];
    const { value, gradients } = await differentiateOnDevice(
      engine,
      names.map((key) => inputs[key]!),
      { shape, data: upstream.data },
      (...given) => {
        const y = computation.result(
          Object.fromEntries(names.map((key, i) => [key, given[i]!])),
          settings,
          inputs,
        );
        return reshape(y, shape);
      },
    );
    assertClose(value, expected.data, "output", 5e-6, 5e-6);
    differentiable.forEach((key, i) => {
      const gradient = Array.from(tensors.get(`${name}.grad.${key}`)!.data);
      const absolute = 2e-6 * Math.max(1, ...gradient.map(Math.abs));
      assertClose(gradients[i]!, gradient, `gradient of ${key}`, 5e-6, absolute);
    });
  });
}

const frozen = (tensor: Tensor): Tensor => ({ ...tensor, differentiable: false });

gpuTest("PyTorch: gated_linear in place, as where nothing is differentiable", async (engine) => {
  const names = Object.keys(GOLDEN_OPS).filter((name) => name.startsWith("gated_linear"));
  assert.ok(names.length > 0);
  for (const name of names) {
    const given = ["x", "gate", "up"].map((key) => tensors.get(`${name}.in.${key}`)!);
    const [y] = await evaluateOnDevice(
      engine,
      given,
      (x, gate, up) => [gatedLinear(frozen(x!), frozen(gate!), frozen(up!))],
    );
    assertClose(y!, tensors.get(`${name}.out`)!.data, name, 5e-6, 5e-6);
  }
});

Deno.test("every golden op is either here or with the optimizer", () => {
  const others = Object.values(GOLDEN_OPS).filter(({ differentiable }) => !differentiable).map(({ op }) =>
    op
  );
  assert.deepEqual(new Set(others), new Set(["adamw", "clip_grad_norm"]));
  assert.deepEqual(new Set(tested.map(([, { op }]) => op)), new Set(Object.keys(COMPUTATIONS)));
});
