/** Importance against optipfair 0.2.4 and 0.4.2 on seven ragged rows (tests/golden/importance.py). */
import assert from "node:assert/strict";
import { UsageError } from "../../../engine/mod.ts";
import {
  type ImportanceBatch,
  type ImportanceMethod,
  measureImportance,
} from "../../../model/pruning/mod.ts";
import { maxDifference } from "../../support/close.ts";
import { gpuTest } from "../../support/engine.ts";
import { rejectsWith } from "../../support/errors.ts";
import { GOLDEN_MODELS, goldenJson, goldenRows, loadGoldenModel } from "../../support/golden_models.ts";
import { chunk, paddedBatch } from "../../../train/data/mod.ts";

/** On scores between 0 and 1, which PyTorch computes in float32; measured: at most 6.9e-8. */
const TOLERANCE = 3e-7;
const ROWS = 7;

interface Golden {
  runs: {
    method: ImportanceMethod;
    padding_side?: "left" | "right";
    batch_size?: number;
    scores: number[];
    order: number[];
  }[];
}

async function batchesOf(
  name: string,
  size = 3,
  side: "left" | "right" = "right",
): Promise<ImportanceBatch[]> {
  return chunk(await goldenRows(name, ROWS), size).map((rows) => paddedBatch(rows, { side, padId: 0 }));
}

for (const name of GOLDEN_MODELS) {
  gpuTest(
    `${name}: importance by three definitions is the reference's within ${TOLERANCE}`,
    async (engine) => {
      const model = await loadGoldenModel(engine, name);
      const { runs } = await goldenJson<Golden>(name, "importance.json");
      // Rows alone have no pads: there one side tells what the other would.
      const distinct = runs.filter((run) => run.batch_size !== 1 || run.padding_side === "left");
      for (const { method, padding_side, batch_size, scores, order } of distinct) {
        const measured = await measureImportance(
          engine,
          model,
          await batchesOf(name, batch_size, padding_side),
          method,
        );
        const what = `${method} ${padding_side} ${batch_size}`,
          error = maxDifference(measured.scores, scores);
        assert.ok(error <= TOLERANCE, `${what}: ${measured.scores} for ${scores}`);
        assert.deepEqual(measured.order, order, what);
        assert.equal(measured.method, method);
      }
    },
  );
}

gpuTest("progress counts batches and tokens; the same batches give the same bits", async (engine) => {
  const model = await loadGoldenModel(engine, "tiny_micro"), seen: unknown[] = [];
  const onProgress = (progress: unknown) => void seen.push(progress);
  const measure = async () =>
    await measureImportance(engine, model, await batchesOf("tiny_micro"), "block-influence", { onProgress });
  assert.deepEqual(await measure(), await measure());
  assert.deepEqual(seen.slice(0, 3), [{ batches: 1, tokens: 39 }, { batches: 2, tokens: 62 }, {
    batches: 3,
    tokens: 78,
  }]);
});

gpuTest("an interrupt stops before the next batch", async (engine) => {
  const model = await loadGoldenModel(engine, "tiny_micro"), controller = new AbortController();
  const batches = await batchesOf("tiny_micro", 1);
  let done = 0;
  const onProgress = () => {
    if (++done === 2) controller.abort(new Error("interrupted"));
  };
  const options = { onProgress, signal: controller.signal };
  await rejectsWith(
    measureImportance(engine, model, batches, "optipfair-0.4", options),
    Error,
    "interrupted",
  );
  assert.equal(done, 2);
});

gpuTest("nothing to measure on is an error, told", async (engine) =>
  rejectsWith(
    measureImportance(engine, await loadGoldenModel(engine, "tiny_micro"), [], "block-influence"),
    UsageError,
    "Cannot measure importance: there are no rows to measure it on; give data with at least one",
  ));
