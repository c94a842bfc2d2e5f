import type { Expression } from "./expression.ts";
import { inputsOf, toWgsl } from "./expression.ts";
import { type Kernel, kernel } from "./kernel.ts";

/**
 * A kernel `y[i] = expression(x0[i], x1[i], ...)`, four elements an invocation where `vec4`.
 * Bindings: `x0`, `x1`, ... for the inputs that the expression reads, `y`; parameter `count` in elements of `elem`.
 */
export function elementwiseKernel(name: string, expression: Expression, vec4: boolean): Kernel {
  const inputs = [...inputsOf(expression)];
  const { statements, value } = toWgsl(expression);
  const lines = [
    `// generated: ${name}`,
    `alias elem = ${vec4 ? "vec4f" : "f32"};`,
    `struct Params { count: u32 }`,
    ...inputs.map((index, at) => `@group(0) @binding(${at}) var<storage, read> x${index}s: array<elem>;`),
    `@group(0) @binding(${inputs.length}) var<storage, read_write> y: array<elem>;`,
    `@group(0) @binding(${inputs.length + 1}) var<uniform> params: Params;`,
    `@compute @workgroup_size(64)`,
    `fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {`,
    `  let i = (group.y * groups.x + group.x) * 64u + lane;`,
    `  if (i >= params.count) { return; }`,
    ...inputs.map((index) => `  let x${index} = x${index}s[i];`),
    ...statements.map((statement) => `  ${statement}`),
    `  y[i] = ${value};`,
    `}`,
  ];
  return kernel(`generated/${name}${vec4 ? ".vec4" : ""}.wgsl`, lines.join("\n"));
}
