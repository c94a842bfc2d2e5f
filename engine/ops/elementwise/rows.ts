import type { Case } from "../../autograd/op.ts";
import { add, constant, div, type Expression, input, mul, tanh } from "../../compiler/expression.ts";

/** Numbers that an expression is built with. */
export type Constants = Readonly<Record<string, number>>;

/** One elementwise op: everything else about it is derived from `expression`. */
export interface Row {
  readonly name: string;
  readonly formula: string;
  readonly arity: number;
  /** Values for the constants in tests and benchmarks. */
  readonly example: Constants;
  readonly expression: (constants: Constants) => Expression;
}

const [x0, x1] = [input(0), input(1)];

/** 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))), PyTorch's gelu with approximate="tanh". */
function gelu(x: Expression): Expression {
  const inner = mul(constant(Math.sqrt(2 / Math.PI)), add(x, mul(constant(0.044715), mul(x, mul(x, x)))));
  return mul(mul(constant(0.5), x), add(constant(1), tanh(inner)));
}

/** All elementwise ops. */
export const ROWS = [
  { name: "add", formula: "y = a + b", arity: 2, example: {}, expression: () => add(x0, x1) },
  { name: "multiply", formula: "y = a b", arity: 2, example: {}, expression: () => mul(x0, x1) },
  {
    name: "scale",
    formula: "y = factor x",
    arity: 1,
    example: { factor: 0.7 },
    expression: (c) => mul(constant(c.factor!), x0),
  },
  {
    name: "gated_gelu",
    formula: "y = gelu_tanh(gate) up",
    arity: 2,
    example: {},
    expression: () => mul(gelu(x0), x1),
  },
  {
    name: "softcap",
    formula: "y = cap tanh(x / cap)",
    arity: 1,
    example: { cap: 1.5 },
    expression: (c) => mul(constant(c.cap!), tanh(div(x0, constant(c.cap!)))),
  },
] as const satisfies readonly Row[];

/** Name of an elementwise op. */
export type RowName = typeof ROWS[number]["name"];

/** Lengths that take the vec4 kernel, the scalar one, and one element; and values far out. */
export function casesOf(row: Row): Case<Constants>[] {
  return [{ shape: [6, 10], far: 3 }, { shape: [7, 3], far: 3 }, { shape: [1], far: 3 }, {
    shape: [5, 8],
    far: 200,
  }].map(({ shape, far }) => ({
    name: `[${shape}] within ${far}`,
    inputs: Array.from({ length: row.arity }, () => ({ shape, range: [-far, far] as const })),
    attributes: row.example,
  }));
}
