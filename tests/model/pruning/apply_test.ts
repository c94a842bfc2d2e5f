/** Pruned models: transformers' logits (tests/golden/forward.py), and the same bits after being written and read. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Engine, UsageError } from "../../../engine/mod.ts";
import { loadGemma3, releaseGemma3 } from "../../../model/gemma3/mod.ts";
import { type PrunedModel, pruneModel } from "../../../model/pruning/mod.ts";
import { type OpenedModel, openModel, savePretrained } from "../../../model/weights/mod.ts";
import { maxDifference } from "../../support/close.ts";
import { gpuTest } from "../../support/engine.ts";
import { throwsWith } from "../../support/errors.ts";
import {
  GOLDEN_MODELS,
  goldenJson,
  goldenRows,
  goldenTensors,
  runForward,
  withGoldenModel,
} from "../../support/golden_models.ts";
import { inTemporaryDirectory } from "../../support/temporary.ts";

/** Of the largest logit, as for whole models; measured: at most 1.8e-6. */
const TOLERANCE = 1e-5;

interface Golden {
  dropped: number[];
  pruned_layer_types: string[];
}

/** Logits of the first three golden rows. */
async function logitsOf(
  engine: Engine,
  name: string,
  { config, read }: Pick<PrunedModel, "config" | "read">,
) {
  const model = await loadGemma3(engine, config, read, { label: "pruned", positions: 32 });
  const logits: Float32Array[] = [];
  for (const ids of await goldenRows(name, 3)) logits.push((await runForward(engine, model, ids)).logits);
  releaseGemma3(engine, model);
  return logits;
}

for (const name of GOLDEN_MODELS) {
  gpuTest(
    `${name} pruned: transformers' logits within ${TOLERANCE} of the largest, same bits from disk`,
    async (engine) => {
      const { dropped, pruned_layer_types } = await goldenJson<Golden>(name, "forward.json");
      const golden = await goldenTensors(name, "forward.safetensors");
      await withGoldenModel(name, async (opened) => {
        const pruned = pruneModel(opened, dropped);
        assert.deepEqual(pruned.config.layerTypes, pruned_layer_types);
        const logits = await logitsOf(engine, name, pruned);
        for (const [row, values] of logits.entries()) {
          const expected = golden.get(`pruned_logits.${row}`)!;
          const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
          assert.ok(maxDifference(values, expected) <= TOLERANCE * largest, `row ${row}`);
        }
        await inTemporaryDirectory(async (directory) => {
          const path = join(directory, "pruned");
          await savePretrained(path, { ...pruned, dtype: opened.storedDtype });
          const again = await openModel(path);
          assert.equal(again.storedDtype, opened.storedDtype);
          assert.deepEqual(
            await logitsOf(engine, name, { config: again.config, read: again.weights.readF32 }),
            logits,
          );
          again.weights.close();
        });
      });
    },
  );
}

Deno.test("a pruned tensor is the survivor's, under its new name", () =>
  withGoldenModel("tiny_c", async (opened) => {
    const { tensors, read } = pruneModel(opened, [4, 1]), survivors = [0, 2, 3, 5];
    assert.equal(tensors.length, 2 + 13 * survivors.length);
    for (const [layer, old] of survivors.entries()) {
      const part = "mlp.down_proj.weight", name = `model.layers.${layer}.${part}`;
      const expected = await opened.weights.readF32(`model.layers.${old}.${part}`);
      assert.deepEqual(await read(name), expected);
      assert.deepEqual(await tensors.find((tensor) => tensor.name === name)!.read(), expected);
    }
    assert.deepEqual(await read("model.norm.weight"), await opened.weights.readF32("model.norm.weight"));
  }));

Deno.test("blocks that cannot be dropped are named", () =>
  withGoldenModel("tiny_a", (opened: OpenedModel) => {
    const refused = (drop: number[], message: string) =>
      throwsWith(() => pruneModel(opened, drop), UsageError, message);
    refused([3], "Cannot drop layer 3: the model has layers 0 to 2; choose among them");
    refused([-1], "Cannot drop layer -1: the model has layers 0 to 2; choose among them");
    refused([0.5], "Cannot drop layer 0.5: the model has layers 0 to 2; choose among them");
    refused([1, 1], "Cannot drop layer 1 twice; name each layer once");
    refused([0, 1, 2], "Cannot drop all 3 layers: nothing would be left; keep at least one");
    return Promise.resolve();
  }));
