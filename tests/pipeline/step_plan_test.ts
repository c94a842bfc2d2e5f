import assert from "node:assert/strict";
import { planStep } from "../../pipeline/step_plan.ts";
import { resolveConfig } from "../../train/config/mod.ts";
import { withGoldenModel } from "../support/golden_models.ts";
import { TARGET } from "../support/target.ts";

const ROWS = [40, 7, 7, 7, 7].map((length) => new Uint32Array(length).fill(3));

/** The plan of tiny_a beside itself, under these settings. */
const planned = (...set: string[]) =>
  withGoldenModel(
    "tiny_a",
    async ({ config }) =>
      planStep(TARGET, { teacher: config, student: config }, await resolveConfig({ set }), ROWS),
  );

Deno.test("a plan is of the largest step: as many micro-batches and rows as there are, as long as the longest", async () => {
  const shape = async (...set: string[]) => {
    const { microBatches, rows, tokensPerRow } = await planned(...set);
    return [microBatches, rows, tokensPerRow];
  };
  assert.deepEqual(await shape("train.micro_batch=2", "train.accumulation=2"), [2, 2, 40]);
  assert.deepEqual(await shape("train.micro_batch=2", "train.accumulation=9"), [3, 2, 40]);
  assert.deepEqual(await shape("train.micro_batch=9"), [1, 5, 40]);
});

Deno.test("no teacher is planned where no loss looks at one", async () => {
  const [both, alone] = [await planned(), await planned("loss.kind=cross_entropy")];
  assert.ok(alone.memory.teacher === 0 && both.memory.teacher > 0 && alone.flops < both.flops);
  assert.equal(both.bytes, Object.values(both.memory).reduce((a, b) => a + b));
});

Deno.test("a row whose activations exceed a binding is refused before anything is recorded", async () => {
  await assert.rejects(
    withGoldenModel("tiny_a", async ({ config }) =>
      planStep(
        { ...TARGET, maxBinding: 8000 },
        { teacher: config, student: config },
        await resolveConfig({ set: ["train.micro_batch=1"] }),
        ROWS,
      )),
    {
      name: "DeviceError",
      message:
        "Cannot compute 1 row of 40 tokens at once: the activations of a layer take 0.0 MiB and this device binds at " +
        "most 0.0 MiB; lower train.micro_batch or data.max_length",
    },
  );
});
