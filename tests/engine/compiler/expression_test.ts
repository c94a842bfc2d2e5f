import fc from "fast-check";
import {
  add,
  constant,
  derivative,
  div,
  evaluate,
  exp,
  type Expression,
  input,
  inputsOf,
  log,
  mul,
  neg,
  sqrt,
  sub,
  tanh,
} from "../../../engine/compiler/expression.ts";
import { elementwiseKernel } from "../../../engine/compiler/elementwise.ts";
import { dispatch, temporary } from "../../../engine/mod.ts";
import assert from "node:assert/strict";
import { assertClose } from "../../support/close.ts";
import { gpuTest } from "../../support/engine.ts";
import { evaluateOnDevice } from "../../support/evaluate.ts";

const onePlusSquare = (x: Expression) => add(constant(1), mul(x, x));

/** Expressions of two inputs that are finite and smooth everywhere. */
const expressions: fc.Arbitrary<Expression> = fc.letrec<{ tree: Expression }>((tie) => {
  const tree = tie("tree"), pair = fc.tuple(tree, tree);
  return {
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom(input(0), input(1)),
      fc.double({ min: -2, max: 2, noNaN: true }).map(constant),
      tree.map((x) => exp(tanh(x))),
      tree.map((x) => log(onePlusSquare(x))),
      tree.map((x) => sqrt(onePlusSquare(x))),
      tree.map(neg),
      tree.map(tanh),
      pair.map(([a, b]) => add(a, b)),
      pair.map(([a, b]) => sub(a, b)),
      pair.map(([a, b]) => mul(tanh(a), b)),
      pair.map(([a, b]) => div(a, onePlusSquare(b))),
    ),
  };
}).tree;

const value = fc.double({ min: -2, max: 2, noNaN: true });

Deno.test("derivatives agree with central differences", () => {
  fc.assert(
    fc.property(expressions, value, value, (expression, a, b) => {
      for (const index of [0, 1]) {
        const at = (step: number) => evaluate(expression, index === 0 ? [a + step, b] : [a, b + step]);
        const slope = (at(1e-5) - at(-1e-5)) / 2e-5;
        assertClose([evaluate(derivative(expression, index), [a, b])], [slope], `input ${index}`, 1e-6, 1e-6);
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

Deno.test("derivatives leave out terms that are zero", () => {
  const [x, y] = [input(0), input(1)];
  assert.deepEqual(derivative(add(x, y), 0), constant(1));
  assert.deepEqual(derivative(mul(x, y), 0), y);
  assert.deepEqual(derivative(mul(constant(3), x), 0), constant(3));
  assert.deepEqual(derivative(exp(y), 0), constant(0));
});

Deno.test("an expression names the inputs that it reads in ascending order", () => {
  assert.deepEqual([...inputsOf(mul(input(2), add(input(0), input(2))))], [0, 2]);
});

gpuTest("generated kernels compute what the expression says", async (engine) => {
  const rows = 3 * 4,
    data = (k: number) => Float32Array.from({ length: rows }, (_, i) => Math.sin(i + 5 * k));
  const inputs = [0, 1].map((k) => ({ shape: [rows], data: data(k) }));
  const drawn = fc.sample(expressions.filter((tree) => inputsOf(tree).size > 0), { seed: 3, numRuns: 6 });
  for (const [i, expression] of drawn.entries()) {
    const vec4 = i % 2 === 0;
    const [actual] = await evaluateOnDevice(engine, inputs, (...x) => {
      const y = temporary("y", [rows]);
      dispatch({
        op: "expression",
        kernel: elementwiseKernel("expression", [{ value: expression, inPlace: undefined }], vec4),
        tensors: { y, ...Object.fromEntries([...inputsOf(expression)].map((k) => [`x${k}s`, x[k]!])) },
        params: { count: vec4 ? rows / 4 : rows },
        grid: [1, 1, 1],
        flops: rows,
      });
      return [y];
    });
    const expected = Array.from(
      { length: rows },
      (_, row) => evaluate(expression, inputs.map(({ data }) => data[row]!)),
    );
    assertClose(actual!, expected, `expression ${i}`, 1e-5, 1e-5);
  }
});
