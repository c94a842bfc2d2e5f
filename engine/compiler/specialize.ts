/** Values for the knobs of a kernel: numbers and booleans for `const`, WGSL text (a type for `alias`) as it is. */
export type Knobs = Readonly<Record<string, number | boolean | string>>;

/**
 * Rewrites the knobs of a kernel: top-level lines `const NAME = value;` and `alias NAME = type;`.
 * Line numbers stay those of the file. Throws TypeError for a knob that the file does not declare.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { specialize } from "./specialize.ts";
 * assert.equal(specialize("t.wgsl", "const ROWS = 8u;\nalias elem = f32;", { ROWS: 16, elem: "vec4f" }),
 *   "const ROWS = 16u;\nalias elem = vec4f;");
 * ```
 */
export function specialize(file: string, source: string, knobs: Knobs): string {
  let code = source;
  for (const [name, value] of Object.entries(knobs)) {
    const line = new RegExp(`^((?:alias|const) ${name} = )([^;]+)(;)`, "m");
    const declared = line.exec(code)?.[2];
    if (declared === undefined) {
      throw new TypeError(`Cannot set knob ${name} of ${file} as the file does not declare it`);
    }
    code = code.replace(line, (_, head, old, tail) => head + literal(value, old) + tail);
  }
  return code;
}

/** Writes a value with the suffix of the literal that it replaces: `8u` stays unsigned, `1.0` stays a float. */
function literal(value: number | boolean | string, old: string): string {
  if (typeof value !== "number") return String(value);
  if (old.endsWith("u")) return `${value}u`;
  return /[.ef]/.test(old) && Number.isInteger(value) ? `${value}.0` : String(value);
}
