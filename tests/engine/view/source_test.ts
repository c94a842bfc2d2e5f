import assert from "node:assert/strict";
import { lineOf, record, REGISTRY, type Target } from "../../../engine/mod.ts";
import { apply } from "../../../engine/autograd/apply.ts";
import { backward, createGradients, createTensor } from "../../../engine/mod.ts";
import { accesses } from "../../../engine/program/program.ts";
import { TARGET } from "../../support/target.ts";

/** Every dispatch of every case of every op, forward and back. */
function dispatchesFor(target: Target) {
  return REGISTRY.flatMap(({ op, cases }) =>
    cases.filter(({ attributes }) => target.subgroupSize > 0 || attributes.variant !== "subgroup").flatMap((
      each,
    ) =>
      record(op.name, target, () => {
        const leaves = each.inputs.map(({ shape, below }) =>
          createTensor("x", "input", shape, below === undefined ? "f32" : "u32", below === undefined)
        );
        const outputs = apply(op, leaves, each.attributes);
        if (op.backward === "not differentiable") return;
        for (const y of outputs) backward(y, createTensor("dy", "input", y.shape), createGradients());
      }).program.dispatches
    )
  );
}

Deno.test("every kernel says at which line it writes each of its results", () => {
  const seen = new Set<string>();
  for (
    const target of [TARGET, { ...TARGET, subgroupSize: 8 }, { ...TARGET, subgroupSize: 32, software: false }]
  ) {
    for (const dispatch of dispatchesFor(target)) {
      for (const { name, write } of accesses(dispatch)) {
        if (!write) continue;
        const { kernel } = dispatch, line = kernel.code.split("\n")[lineOf(kernel, name) - 1]!;
        assert.ok(!line.startsWith("fn main"), `${kernel.file} writes ${name} at no line that is found`);
        seen.add(kernel.file);
      }
    }
  }
  assert.ok(seen.size > 30, `${seen.size} kernels`);
});
