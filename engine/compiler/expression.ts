/**
 * Typed scalar expressions: the one definition of an elementwise op. Its WGSL, its f64 value and its derivatives are
 * all read off the same tree.
 */
export type Expression =
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "unary"; readonly name: Unary; readonly x: Expression }
  | { readonly kind: "binary"; readonly name: Binary; readonly a: Expression; readonly b: Expression };

type Unary = "exp" | "log" | "tanh" | "sqrt" | "neg";
type Binary = "add" | "sub" | "mul" | "div";

const unary = (name: Unary) => (x: Expression): Expression => ({ kind: "unary", name, x });
const binary = (name: Binary) => (a: Expression, b: Expression): Expression => ({
  kind: "binary",
  name,
  a,
  b,
});

/** The `index`-th tensor of the op. */
export const input = (index: number): Expression => ({ kind: "input", index });
/** A number. */
export const constant = (value: number): Expression => ({ kind: "constant", value });
export const exp = unary("exp"),
  log = unary("log"),
  tanh = unary("tanh"),
  sqrt = unary("sqrt"),
  neg = unary("neg");
export const sub = binary("sub"), div = binary("div");

const isConstant = (x: Expression, value: number): boolean => x.kind === "constant" && x.value === value;

/** a + b, without additions of zero (derivatives are full of them). */
export function add(a: Expression, b: Expression): Expression {
  return isConstant(a, 0) ? b : isConstant(b, 0) ? a : binary("add")(a, b);
}

/** a · b, without products with zero and one. */
export function mul(a: Expression, b: Expression): Expression {
  if (isConstant(a, 0) || isConstant(b, 0)) return constant(0);
  return isConstant(a, 1) ? b : isConstant(b, 1) ? a : binary("mul")(a, b);
}

/**
 * Value of an expression in f64.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { add, evaluate, input, mul } from "./expression.ts";
 * assert.equal(evaluate(add(input(0), mul(input(1), input(1))), [1, 3]), 10);
 * ```
 */
export function evaluate(expression: Expression, inputs: readonly number[]): number {
  switch (expression.kind) {
    case "input":
      return inputs[expression.index]!;
    case "constant":
      return expression.value;
    case "unary": {
      const x = evaluate(expression.x, inputs);
      return expression.name === "neg" ? -x : Math[expression.name](x);
    }
    case "binary": {
      const a = evaluate(expression.a, inputs), b = evaluate(expression.b, inputs);
      return { add: a + b, sub: a - b, mul: a * b, div: a / b }[expression.name];
    }
  }
}

/**
 * d expression / d input(index), by the chain rule.
 *
 * @example d(x² y)/dx = 2 x y
 * ```ts
 * import assert from "node:assert/strict";
 * import { derivative, evaluate, input, mul } from "./expression.ts";
 * const [x, y] = [input(0), input(1)];
 * assert.equal(evaluate(derivative(mul(mul(x, x), y), 0), [3, 5]), 30);
 * ```
 */
export function derivative(expression: Expression, index: number): Expression {
  const d = (x: Expression) => derivative(x, index);
  switch (expression.kind) {
    case "input":
      return constant(expression.index === index ? 1 : 0);
    case "constant":
      return constant(0);
    case "unary": {
      const { x, name } = expression;
      if (name === "neg") return mul(constant(-1), d(x));
      if (name === "exp") return mul(expression, d(x));
      if (name === "log") return mul(div(constant(1), x), d(x));
      if (name === "sqrt") return mul(div(constant(0.5), expression), d(x));
      return mul(sub(constant(1), mul(expression, expression)), d(x)); // tanh
    }
    case "binary": {
      const { a, b, name } = expression;
      if (name === "add") return add(d(a), d(b));
      if (name === "sub") return add(d(a), mul(constant(-1), d(b)));
      if (name === "mul") return add(mul(d(a), b), mul(a, d(b)));
      return add(mul(div(constant(1), b), d(a)), mul(mul(constant(-1), div(a, mul(b, b))), d(b)));
    }
  }
}

/** Names of the inputs that an expression reads, ascending. */
export function inputsOf(expression: Expression): Set<number> {
  switch (expression.kind) {
    case "input":
      return new Set([expression.index]);
    case "constant":
      return new Set();
    case "unary":
      return inputsOf(expression.x);
    case "binary":
      return new Set([...inputsOf(expression.a), ...inputsOf(expression.b)].sort((a, b) => a - b));
  }
}

/** WGSL statements `let t0 = ...;` for shared subtrees, and the text of the value. Constants take the type `elem`. */
export function toWgsl(expression: Expression): { statements: string[]; value: string } {
  const statements: string[] = [], names = new Map<Expression, string>();
  const write = (node: Expression): string => {
    if (node.kind === "input") return `x${node.index}`;
    if (node.kind === "constant") {
      return `elem(${Number.isInteger(node.value) ? node.value.toFixed(1) : node.value})`;
    }
    const known = names.get(node);
    if (known) return known;
    const text = node.kind === "unary"
      ? node.name === "neg" ? `-${write(node.x)}` : `${node.name}(${write(node.x)})`
      : `${write(node.a)} ${{ add: "+", sub: "-", mul: "*", div: "/" }[node.name]} ${write(node.b)}`;
    const name = `t${names.size}`;
    names.set(node, name);
    statements.push(`let ${name} = ${text};`);
    return name;
  };
  return { value: write(expression), statements };
}
