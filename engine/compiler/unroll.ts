/**
 * Unrolls loops written `/*unroll*\/ for (var i = 0u; i < COUNT; i++) { ... }` whose bounds are constants of the file.
 * Two reasons: `subgroupBroadcast` takes a literal lane, and small register arrays stay in registers only when their
 * indices are literals (neither naga nor tint unrolls). All copies stand on the lines of the loop's own text as far
 * as possible: the first copy keeps its lines, later copies are joined, so error positions stay those of the file.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { unroll } from "./unroll.ts";
 * assert.equal(unroll("const N = 2u;\n/*unroll*\/ for (var i = 0u; i < N; i++) { s += a[i]; }"),
 *   "const N = 2u;\n{ { s += a[0u]; } { s += a[1u]; } }");
 * ```
 */
export function unroll(code: string): string {
  const constants = new Map<string, number>();
  for (const [, name, text] of code.matchAll(/^const (\w+) = ([^;]+);/gm)) {
    const value = evaluate(text!, constants);
    if (value !== undefined) constants.set(name!, value);
  }
  return expand(code, constants);
}

const LOOP = /\/\*unroll\*\/ for \(var (\w+) = ([^;]+); \w+ < ([^;]+); \w+(?:\+\+| \+= ([^)]+))\) \{/;

function expand(code: string, constants: ReadonlyMap<string, number>): string {
  const loop = LOOP.exec(code);
  if (!loop) return code;
  const [head, name, from, to, by] = loop as unknown as [string, string, string, string, string | undefined];
  const open = loop.index + head.length, close = matchingBrace(code, open);
  const [start, end, step] = [from, to, by ?? "1u"].map((text) => {
    const value = evaluate(text, constants);
    if (value === undefined) {
      throw new TypeError(`Cannot unroll "${head}" as ${text} is not a constant of the file`);
    }
    return value;
  }) as [number, number, number];
  const body = code.slice(open, close), variable = new RegExp(`\\b${name}\\b`, "g");
  const copies: string[] = [];
  for (let i = start; i < end; i += step) {
    const copy = `{${body.replace(variable, `${i}u`)}}`;
    copies.push(copies.length === 0 ? copy : copy.replace(/\/\/[^\n]*/g, "").replace(/\s*\n\s*/g, " "));
  }
  if (copies.length === 0) copies.push(body.replace(/[^\n]+/g, "")); // its lines stay, as for one copy or more
  return expand(`${code.slice(0, loop.index)}{ ${copies.join(" ")} }${code.slice(close + 1)}`, constants);
}

function matchingBrace(code: string, open: number): number {
  let depth = 1;
  for (let i = open; i < code.length; i++) {
    if (code[i] === "{") depth++;
    else if (code[i] === "}" && --depth === 0) return i;
  }
  throw new TypeError("Cannot unroll a loop whose closing brace is missing");
}

/** Value of a constant expression over + - * / with unsigned division, or undefined where a name is unknown. */
function evaluate(text: string, constants: ReadonlyMap<string, number>): number | undefined {
  const tokens = text.match(/\w+|[-+*/()]/g) ?? [];
  let at = 0;
  const atom = (): number => {
    const token = tokens[at++];
    if (token === "(") {
      const value = sum();
      at++;
      return value;
    }
    return /^\d+u?$/.test(token ?? "") ? parseInt(token!) : constants.get(token ?? "") ?? NaN;
  };
  const product = (): number => {
    let value = atom();
    while (tokens[at] === "*" || tokens[at] === "/") {
      value = tokens[at++] === "*" ? value * atom() : Math.floor(value / atom());
    }
    return value;
  };
  const sum = (): number => {
    let value = product();
    while (tokens[at] === "+" || tokens[at] === "-") {
      value = tokens[at++] === "+" ? value + product() : value - product();
    }
    return value;
  };
  const value = sum();
  return Number.isInteger(value) && at === tokens.length ? value : undefined;
}
