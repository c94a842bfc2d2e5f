/** The walker over the engine's registry. PyTorch's values are in golden_test.ts, laws in laws_test.ts. */
import assert from "node:assert/strict";
import { chosenByDevice, type Engine, openEngine, REGISTRY } from "../../engine/mod.ts";
import { gpuTest } from "../support/engine.ts";
import { compareWithReference, walkRegistry } from "../support/walk_registry.ts";

walkRegistry(REGISTRY);

let withoutSubgroups: Promise<Engine> | undefined;

for (const entry of REGISTRY) {
  const cases = entry.cases.filter(chosenByDevice); // those that force a kernel ran above
  gpuTest(`${entry.op.name} on a device without subgroups`, async () => {
    const engine = await (withoutSubgroups ??= openEngine({ subgroups: false }));
    assert.equal(engine.target.subgroupSize, 0);
    for (const drawn of cases) await compareWithReference(engine, entry, drawn);
  });
}

Deno.test("every op has a case with odd axes", () => {
  for (const { op, cases } of REGISTRY) {
    assert.ok(cases.some(({ inputs }) => inputs[0]!.shape.some((length) => length % 2 === 1)), op.name);
  }
});
