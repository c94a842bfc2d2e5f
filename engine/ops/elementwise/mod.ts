import { apply } from "../../autograd/apply.ts";
import { type Entry, entry, type Op, type Reference, type Values } from "../../autograd/op.ts";
import { derivative, evaluate, type Expression, input, mul } from "../../compiler/expression.ts";
import { ShapeError } from "../../core/errors.ts";
import { elementCount, formatShape, sameShape } from "../../core/shape.ts";
import { map } from "../../program/map.ts";
import { temporary } from "../../program/record.ts";
import type { Tensor } from "../../program/tensor.ts";
import * as rows from "./rows.ts";

type Make = (attributes: rows.Constants) => Expression;

/** Records `y = expression(inputs)` and answers y. */
function launch(name: string, expression: Expression, inputs: readonly Tensor[]): Tensor {
  const y = temporary(name, inputs[0]!.shape);
  map(name, expression, inputs, y);
  return y;
}

/** An op whose forward, backward and reference are all read off one expression. */
function elementwise(
  name: string,
  formula: string,
  arity: number,
  make: Make,
): { op: Op<rows.Constants>; reference: Reference<rows.Constants> } {
  const op: Op<rows.Constants> = {
    name,
    formula,
    forward(inputs, attributes) {
      const odd = inputs.find((x) => !sameShape(x.shape, inputs[0]!.shape));
      if (odd) {
        const [a, b] = [inputs[0]!.shape, odd.shape];
        throw new ShapeError(
          name,
          `Cannot ${name} tensors of shapes ${formatShape(a)} and ${
            formatShape(b)
          } as the shapes must be equal`,
          [a, b],
        );
      }
      return { outputs: [launch(name, make(attributes), inputs)] };
    },
    backward({ inputs, attributes, gradients: [dy], needs }) {
      return inputs.map((_, i) => {
        if (!needs(i)) return undefined;
        const slope = derivative(make(attributes), i);
        if (slope.kind === "constant" && slope.value === 1) return dy;
        return launch(`${name}.backward`, mul(input(arity), slope), [...inputs, dy!]);
      });
    },
  };
  const each = (shape: readonly number[], f: (i: number) => number): Values => ({
    shape,
    data: Float64Array.from({ length: elementCount(shape) }, (_, i) => f(i)),
  });
  const at = (inputs: readonly Values[], i: number) => inputs.map((x) => x.data[i]!);
  const reference: Reference<rows.Constants> = {
    forward: (
      inputs,
      attributes,
    ) => [each(inputs[0]!.shape, (i) => evaluate(make(attributes), at(inputs, i)))],
    backward: (inputs, attributes, [dy]) =>
      inputs.map((x, index) =>
        each(x.shape, (i) => dy!.data[i]! * evaluate(derivative(make(attributes), index), at(inputs, i)))
      ),
  };
  return { op, reference };
}

const defined = rows.ROWS.map((row) => ({
  row,
  ...elementwise(row.name, row.formula, row.arity, row.expression),
}));
const find = (name: rows.RowName) => defined.find(({ row }) => row.name === name)!.op;

/** Registry entries of all elementwise ops. */
export const elementwiseEntries: Entry[] = defined.map(({ row, op, reference }) =>
  entry(op, reference, rows.casesOf(row))
);

/** a + b, same shapes. */
export const add = (a: Tensor, b: Tensor): Tensor => apply(find("add"), [a, b], {})[0]!;
/** a · b, elementwise, same shapes. */
export const multiply = (a: Tensor, b: Tensor): Tensor => apply(find("multiply"), [a, b], {})[0]!;
/** factor · x. */
export const scale = (x: Tensor, factor: number): Tensor => apply(find("scale"), [x], { factor })[0]!;
/** gelu_tanh(gate) · up, the gate of Gemma's MLP. */
export const gatedGelu = (gate: Tensor, up: Tensor): Tensor => apply(find("gated_gelu"), [gate, up], {})[0]!;
/** cap · tanh(x / cap), Gemma 2's soft cap of logits. */
export const softcap = (x: Tensor, cap: number): Tensor => apply(find("softcap"), [x], { cap })[0]!;
