import { type Expression, inputsOf, toWgsl } from "./expression.ts";
import { type Kernel, kernel } from "./kernel.ts";

/** What an elementwise kernel writes: an expression, and the input that it overwrites where it works in place. */
export interface Result {
  readonly value: Expression;
  readonly inPlace: number | undefined;
}

/** Name of the binding of a kernel's `index`-th result. */
export const resultName = (index: number, results: number): string => results === 1 ? "y" : `y${index}`;

/**
 * A kernel `y[i] = value(x0[i], x1[i], ...)` of one or several results, four elements an invocation where `vec4`. All loads
 * come before all stores, each input is loaded once and each shared subexpression computed once.
 * Bindings: `x0s`, `x1s`, ... for the inputs that are only read, then `y`, or `y0`, `y1`, ... where there are several
 * results; parameter `count` in elements of `elem`.
 */
export function elementwiseKernel(name: string, results: readonly Result[], vec4: boolean): Kernel {
  const inputs = [...new Set(results.flatMap(({ value }) => [...inputsOf(value)]))].sort((a, b) => a - b);
  const places = new Map(
    results.flatMap(({ inPlace }, k) =>
      inPlace === undefined ? [] : [[inPlace, resultName(k, results.length)]]
    ),
  );
  const read = inputs.filter((index) => !places.has(index));
  const { statements, values } = toWgsl(results.map(({ value }) => value));
  const bindings = [
    ...read.map((index) => `var<storage, read> x${index}s: array<elem>;`),
    ...results.map((_, k) => `var<storage, read_write> ${resultName(k, results.length)}: array<elem>;`),
    `var<uniform> params: Params;`,
  ];
  const lines = [
    `// generated: ${name}`,
    `alias elem = ${vec4 ? "vec4f" : "f32"};`,
    `struct Params { count: u32 }`,
    ...bindings.map((binding, at) => `@group(0) @binding(${at}) ${binding}`),
    `@compute @workgroup_size(64)`,
    `fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {`,
    `  let i = (group.y * groups.x + group.x) * 64u + lane;`,
    `  if (i >= params.count) { return; }`,
    ...inputs.map((index) => `  let x${index} = ${places.get(index) ?? `x${index}s`}[i];`),
    ...statements.map((statement) => `  ${statement}`),
    ...values.map((value, k) => `  ${resultName(k, results.length)}[i] = ${value};`),
    `}`,
  ];
  return kernel(`generated/${name}${vec4 ? ".vec4" : ""}.wgsl`, lines.join("\n"));
}
