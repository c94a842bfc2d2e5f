import assert from "node:assert/strict";
import { DeviceError } from "../../engine/mod.ts";
import { planStep, requireBytes } from "../../pipeline/step_plan.ts";
import { resolveConfig } from "../../train/config/mod.ts";
import { throwsWith } from "../support/errors.ts";
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
  assert.ok(alone.memory.parameter < both.memory.parameter && alone.flops < both.flops);
  assert.equal(both.bytes, Object.values(both.memory).reduce((a, b) => a + b));
});

Deno.test("too little memory is refused with need, limit and cure", async () => {
  const step = await planned("train.micro_batch=2", "train.accumulation=2");
  requireBytes(step, step.bytes);
  throwsWith(
    () => requireBytes({ ...step, bytes: 12.345 * 2 ** 30 }, 8 * 2 ** 30),
    DeviceError,
    "Cannot train: a step of 2 x 2 x 40 tokens needs 12.35 GiB of memory and 8.00 GiB are available; " +
      "lower train.micro_batch, train.accumulation or data.max_length",
  );
});

Deno.test("kept states of the teacher are planned, and named where memory is short", async () => {
  const set = ["train.micro_batch=2", "train.accumulation=2"], keep = "train.keep_teacher_states=true";
  const [plain, kept] = [await planned(...set), await planned(...set, keep)];
  const tokens = ROWS.reduce((sum, row) => sum + row.length - 1, 0);
  assert.equal(plain.stateBytes, 0);
  assert.ok(kept.stateBytes > 0 && kept.stateBytes % (4 * tokens) === 0);
  assert.ok(kept.memory.state - plain.memory.state >= kept.stateBytes);
  throwsWith(
    () => requireBytes({ ...kept, bytes: 12.345 * 2 ** 30, stateBytes: 2 ** 31 }, 8 * 2 ** 30),
    DeviceError,
    "Cannot train: a step of 2 x 2 x 40 tokens needs 12.35 GiB of memory and 8.00 GiB are available; " +
      "lower train.micro_batch, train.accumulation or data.max_length, or set train.keep_teacher_states=false, " +
      "which takes 2.00 GiB less",
  );
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
