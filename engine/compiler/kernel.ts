import { type Knobs, specialize } from "./specialize.ts";
import { unroll } from "./unroll.ts";

/** One buffer that a kernel binds. */
export interface Binding {
  readonly name: string;
  readonly index: number;
  readonly access: "read" | "read_write" | "uniform";
}

/** One field of the uniform struct `Params`. */
export interface Field {
  readonly name: string;
  readonly type: "u32" | "f32";
}

/** A compute shader with its knobs filled in. The same file and knobs give the same object. */
export interface Kernel {
  /** For messages and traces: path below `engine/`, or from the root for files outside it; `generated/NAME` for the rest. */
  readonly file: string;
  /** Values that were set; knobs not named keep the value that the file gives them. */
  readonly knobs: Knobs;
  /** The WGSL that is compiled, loops unrolled. */
  readonly code: string;
  /** Buffers of group 0, in the order of the text. */
  readonly bindings: readonly Binding[];
  /** Fields of `struct Params`, four bytes each, in order; empty when the kernel has none. */
  readonly params: readonly Field[];
}

const known = new Map<string, Kernel>();

/**
 * Fills the knobs of a WGSL file and reads its interface off the text.
 *
 * @param file name for messages and traces
 * @param source text of the file; entry point `main`, bindings in group 0, scalars in `struct Params`
 * @throws TypeError for a knob that the file does not declare
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { kernel } from "./kernel.ts";
 * const source = `const N = 2u;
 * struct Params { count: u32 }
 * @group(0) @binding(0) var<storage, read> x: array<f32>;`;
 * const { bindings, params, code } = kernel("x.wgsl", source, { N: 4 });
 * assert.deepEqual(bindings, [{ name: "x", index: 0, access: "read" }]);
 * assert.deepEqual(params, [{ name: "count", type: "u32" }]);
 * assert.ok(code.startsWith("const N = 4u;"));
 * ```
 */
export function kernel(file: string, source: string, knobs: Knobs = {}): Kernel {
  const key = JSON.stringify(knobs) + source;
  let found = known.get(key);
  if (!found) {
    const code = unroll(specialize(file, source, knobs));
    known.set(key, found = { file, knobs, code, bindings: readBindings(code), params: readParams(code) });
  }
  return found;
}

/** True where a kernel binds `name` as words of bits, as kernels that decode bf16 do. */
export function bindsWords({ code }: Kernel, name: string): boolean {
  const element = new RegExp(`>\\s*${name}\\s*:\\s*array<(\\w+)>`).exec(code)?.[1];
  const type = new RegExp(`^alias ${element} = (\\w+);`, "m").exec(code)?.[1] ?? element;
  return /^(u32|vec[234]u)$/.test(type ?? "");
}

function readBindings(code: string): Binding[] {
  const declaration =
    /@group\(0\)\s*@binding\((\d+)\)\s*var<(uniform|storage,\s*read_write|storage,\s*read)>\s*(\w+)/g;
  return [...code.matchAll(declaration)].map(([, index, space, name]) => ({
    name: name!,
    index: Number(index),
    access: space === "uniform" ? "uniform" : space!.endsWith("write") ? "read_write" : "read",
  }));
}

function readParams(code: string): Field[] {
  const body = /struct Params\s*\{([^}]*)\}/.exec(code)?.[1] ?? "";
  return [...body.replace(/\/\/[^\n]*/g, "").matchAll(/(\w+)\s*:\s*(u32|f32)/g)].map(([, name, type]) => ({
    name: name!,
    type: type as Field["type"],
  }));
}
