/** PyTorch gives the row of padding_idx no gradient, so central differences cannot witness it: the reference does. */
import { drawInputs, REGISTRY, runOp } from "../../engine/mod.ts";
import { assertClose } from "../support/close.ts";
import { gpuTest } from "../support/engine.ts";
import assert from "node:assert/strict";

gpuTest("embedding gives the row of the padding id no gradient", async (engine) => {
  const entry = REGISTRY.find(({ op }) => op.name === "embedding")!;
  const drawn = { ...entry.cases[1]!, attributes: { scale: 2.5, padding: 2 } };
  const inputs = drawInputs(drawn, 1), shape = entry.reference.forward(inputs, drawn.attributes)[0]!.shape;
  const upstream = drawInputs({ name: "dy", inputs: [{ shape }], attributes: {} }, 2);
  const { gradients: [gradient] } = await runOp(engine, entry, drawn, inputs, upstream);
  assertClose(gradient!, entry.reference.backward!(inputs, drawn.attributes, upstream)[0]!.data, "gradient");
  assert.deepEqual([...gradient!.subarray(6, 9)], [0, 0, 0]);
  assert.notEqual(gradient![9], 0);
});
