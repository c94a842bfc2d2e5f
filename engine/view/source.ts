import type { Kernel } from "../compiler/kernel.ts";

/** The body of a function of a kernel, by line: index of its first line, and the lines. */
interface Body {
  readonly name: string;
  readonly first: number;
  readonly lines: readonly string[];
}

function bodiesOf(code: string): Body[] {
  const lines = code.split("\n"), found: Body[] = [];
  for (let first = 0; first < lines.length; first++) {
    const name = /^fn (\w+)\(/.exec(lines[first]!)?.[1];
    if (name === undefined) continue;
    let last = first, depth = 0, opened = false; // arguments may take lines of their own
    do {
      opened ||= lines[last]!.includes("{");
      depth += (lines[last]!.match(/\{/g)?.length ?? 0) - (lines[last]!.match(/\}/g)?.length ?? 0);
      last++;
    } while ((depth > 0 || !opened) && last < lines.length);
    found.push({ name, first, lines: lines.slice(first, last) });
  }
  return found;
}

/**
 * The line of a kernel at which a binding gets its values, counted from 1: where `main` stores to it, or calls the function
 * that does; where `main` begins, if neither is found. Knobs and unrolling keep lines, so it is the line of the file.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { lineOf } from "./source.ts";
 * const code = "fn main() {\n  let v = 2.0;\n  y[0] = v;\n}";
 * assert.equal(lineOf({ code }, "y"), 3);
 * ```
 */
export function lineOf({ code }: Pick<Kernel, "code">, binding: string): number {
  const stores = new RegExp(`\\b${binding}\\[[^=]*\\]\\s*[-+*]?=[^=]`);
  const bodies = bodiesOf(code), main = bodies.find(({ name }) => name === "main")!;
  const direct = main.lines.findIndex((line) => stores.test(line));
  if (direct >= 0) return main.first + direct + 1;
  for (const { name, lines } of bodies) {
    if (name === "main" || !lines.some((line) => stores.test(line))) continue;
    const call = main.lines.findIndex((line) => new RegExp(`\\b${name}\\(`).test(line));
    if (call >= 0) return main.first + call + 1;
  }
  return main.first + 1;
}
