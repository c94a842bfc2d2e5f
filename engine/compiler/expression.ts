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

/** Calls `visit` on every node below an expression, once even where subtrees are shared; operands come first. */
function walk(expression: Expression, visit: (node: Expression) => void, seen = new Set<Expression>()): void {
  if (seen.has(expression)) return;
  seen.add(expression);
  if (expression.kind === "unary") walk(expression.x, visit, seen);
  if (expression.kind === "binary") {
    walk(expression.a, visit, seen);
    walk(expression.b, visit, seen);
  }
  visit(expression);
}

/** Indices of the inputs that an expression reads, ascending. */
export function inputsOf(expression: Expression): Set<number> {
  const found: number[] = [];
  walk(expression, (node) => {
    if (node.kind === "input") found.push(node.index);
  });
  return new Set(found.sort((a, b) => a - b));
}

/**
 * Puts expressions in the place of inputs. Nothing is simplified: the operations and their order stay, and subtrees that
 * were shared still are.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { add, evaluate, input, mul, substitute } from "./expression.ts";
 * const [twice] = substitute([add(input(0), input(0))], () => mul(input(0), input(1)));
 * assert.equal(evaluate(twice!, [3, 5]), 30);
 * ```
 */
export function substitute(
  expressions: readonly Expression[],
  replace: (index: number) => Expression,
): Expression[] {
  const made = new Map<Expression, Expression>();
  const of = (node: Expression) => made.get(node)!;
  const seen = new Set<Expression>();
  for (const expression of expressions) {
    walk(expression, (node) => {
      if (node.kind === "input") made.set(node, replace(node.index));
      else if (node.kind === "unary") made.set(node, { ...node, x: of(node.x) });
      else if (node.kind === "binary") made.set(node, { ...node, a: of(node.a), b: of(node.b) });
      else made.set(node, node);
    }, seen);
  }
  return expressions.map(of);
}

/** Far out tanh is ±1 in f32, and on some drivers, which make it of exponentials, NaN. */
function unaryWgsl(name: Unary, x: string): string {
  if (name === "tanh") return `select(tanh(${x}), sign(${x}), abs(${x}) > elem(10.0))`;
  return name === "neg" ? `-${x}` : `${name}(${x})`;
}

const OPERATORS = { add: "+", sub: "-", mul: "*", div: "/" } as const;

/**
 * WGSL statements `let t0 = ...;`, one for each operation however often its result is used, and the text of each value.
 * Constants take the type `elem`.
 */
export function toWgsl(expressions: readonly Expression[]): { statements: string[]; values: string[] } {
  const statements: string[] = [], names = new Map<Expression, string>();
  const of = (node: Expression) => names.get(node)!;
  const operation = (node: Expression, text: string) => {
    const name = `t${statements.length}`;
    names.set(node, name);
    statements.push(`let ${name} = ${text};`);
  };
  const seen = new Set<Expression>();
  for (const expression of expressions) {
    walk(expression, (node) => {
      if (node.kind === "input") names.set(node, `x${node.index}`);
      else if (node.kind === "constant") {
        names.set(node, `elem(${Number.isInteger(node.value) ? node.value.toFixed(1) : node.value})`);
      } else if (node.kind === "unary") {
        operation(node, unaryWgsl(node.name, of(node.x)));
      } else operation(node, `${of(node.a)} ${OPERATORS[node.name]} ${of(node.b)}`);
    }, seen);
  }
  return { statements, values: expressions.map(of) };
}
