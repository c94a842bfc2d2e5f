/** The cache op by its definition, as tests/engine/ops_test.ts does for the engine's own. */
import { drawInputs, runOp } from "../../engine/mod.ts";
import assert from "node:assert/strict";
import { extendCacheEntry } from "../../model/gemma3/cache/mod.ts";
import { gpuTest } from "../support/engine.ts";

for (const drawn of extendCacheEntry.cases) {
  gpuTest(`extend_cache: ${drawn.name}`, async (engine) => {
    for (const seed of [1, 2, 3]) {
      const inputs = drawInputs(drawn, seed);
      const [expected] = extendCacheEntry.reference.forward(inputs, drawn.attributes);
      const { outputs } = await runOp(engine, extendCacheEntry, drawn, inputs, []);
      assert.deepEqual(Array.from(outputs[0]!), Array.from(expected!.data));
    }
  });
}
