/** The memory of a run by stage and part: of tiny models, and of the recipe at the shape of gemma-3-270m. */
import assert from "node:assert/strict";
import { DeviceError, fullestMoment, type Target } from "../../engine/mod.ts";
import { parseConfig } from "../../model/config/mod.ts";
import { distilledRows, type MemoryPlan, planMemory, requireBytes } from "../../pipeline/memory_plan.ts";
import { plannedStudent } from "../../pipeline/step_plan.ts";
import { type Config, resolveConfig } from "../../train/config/mod.ts";
import { gemma270mJson } from "../support/configs.ts";
import { throwsWith } from "../support/errors.ts";
import { withGoldenModel } from "../support/golden_models.ts";
import { TARGET } from "../support/target.ts";

const rowsOf = (...lengths: number[]) => lengths.map((length) => new Uint32Array(length).fill(3));
const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

const ROWS = rowsOf(40, 7, 7, 7, 7), SMALL = ["train.micro_batch=2", "train.accumulation=2"];

/** The plan of a whole pipeline on tiny_a under these settings, with the configuration. */
const planned = (...set: string[]) =>
  withGoldenModel("tiny_a", async ({ config: teacher }): Promise<[MemoryPlan, Config]> => {
    const config = await resolveConfig({ set: [...SMALL, "prune.count=1", ...set] });
    const models = { teacher, student: plannedStudent(teacher, config) };
    const rows = distilledRows(ROWS, { train: ROWS.slice(0, 4), validation: ROWS.slice(4) }, config);
    return [planMemory(TARGET, models, config, rows, true), config];
  });

const stageOf = ({ stages }: MemoryPlan, name: string) => stages.find((stage) => stage.name === name)!;

Deno.test("every stage has its parts, and the peak is that of the stage which takes most", async () => {
  const [plan] = await planned('sample.prompts=["a"]');
  assert.deepEqual(plan.stages.map(({ name }) => name), ["importance", "evaluation", "training", "control"]);
  for (const { memory, bytes } of plan.stages) assert.equal(bytes, sum(Object.values(memory)));
  assert.deepEqual([plan.peak.name, plan.peak.bytes], [
    "training",
    Math.max(...plan.stages.map(({ bytes }) => bytes)),
  ]);
  const { memory } = plan.peak, evaluation = stageOf(plan, "evaluation").memory;
  assert.deepEqual([memory.gradients, memory.moments], [memory.student, 2 * memory.student]);
  assert.deepEqual([evaluation.teacher, evaluation.student], [memory.teacher, memory.student]);
  assert.ok(evaluation.keys_and_values > 0 && evaluation.gradients === 0);
  assert.equal(stageOf(plan, "importance").memory.student, 0);
  const control = stageOf(plan, "control").memory;
  assert.deepEqual([control.teacher, control.student, control.moments], [0, memory.student, memory.moments]);
  assert.equal(memory.activations + memory.loss, evaluation.activations + evaluation.loss);
  assert.equal((await planned("prune.drop=1"))[0].stages.some(({ name }) => name === "importance"), false);
  for (const setting of ["train.control=false", "loss.kind=cross_entropy"]) {
    const [{ control, stages }] = await planned(setting);
    assert.deepEqual([control, stages.some(({ name }) => name === "control")], [undefined, false]);
  }
});

Deno.test("kept states of the teacher are planned", async () => {
  const [[plain], [kept]] = [await planned(), await planned("train.keep_teacher_states=true")];
  const tokens = sum(ROWS.slice(0, 4).map((row) => row.length - 1));
  assert.equal(plain.peak.memory.teacher_states, 0);
  assert.ok(kept.peak.memory.teacher_states >= 4 * tokens);
  assert.equal(kept.peak.memory.student, plain.peak.memory.student);
});

Deno.test("recomputing blocks lowers activations, for one more forward pass of the student", async () => {
  const [[kept], [again]] = [await planned(), await planned("train.recompute=block")];
  assert.ok(again.peak.memory.activations < kept.peak.memory.activations);
  const forward = sum(
    kept.step.program.dispatches.filter(({ scope }) => /student\/block \d+/.test(scope)).map(({ flops }) =>
      flops
    ),
  );
  assert.equal(again.step.flops, kept.step.flops + forward);
});

Deno.test("too little memory is refused with need, limit and what lowers the need", async () => {
  const message = (settings: string) =>
    "Cannot train: a step of 2 x 2 x 40 tokens needs 12.35 GiB of memory and 8.00 GiB are available; " +
    settings;
  const refused = async (cure: string, memory: Partial<Record<string, number>>, ...set: string[]) => {
    const [plan, config] = await planned(...set);
    requireBytes(plan, config, plan.peak.bytes);
    const large = { ...plan.peak, bytes: 12.345 * 2 ** 30, memory: { ...plan.peak.memory, ...memory } };
    throwsWith(
      () => requireBytes({ ...plan, peak: large }, config, 8 * 2 ** 30),
      DeviceError,
      message(cure),
    );
  };
  const lower = "lower train.micro_batch or data.max_length";
  await refused(`${lower}, or set train.recompute=block`, { loss: 0 });
  await refused(`${lower}, or lower train.loss_chunk`, { loss: 1 }, "train.recompute=block");
  await refused(
    `${lower}, or set train.keep_teacher_states=false, which takes 2.00 GiB less`,
    { loss: 0, teacher_states: 2 ** 31 },
    "train.recompute=block",
    "train.keep_teacher_states=true",
  );
});

/** Mesa's software driver on a processor with AVX2. */
const LAVAPIPE: Target = { ...TARGET, subgroupSize: 8 };

Deno.test("gem-3-small at its own shape, 4 x 16 x 512 tokens of gemma-3-270m, plans at most 10 GB", async () => {
  const config = await resolveConfig({ preset: "gem-3-small" }),
    teacher = parseConfig(gemma270mJson(), "config.json");
  const rows = rowsOf(...new Array(80).fill(512)),
    split = { train: rows.slice(0, 64), validation: rows.slice(64) };
  const models = { teacher, student: plannedStudent(teacher, config) };
  const plan = planMemory(LAVAPIPE, models, config, distilledRows(rows, split, config), true);
  assert.equal(plan.peak.name, "training");
  assert.ok(plan.peak.bytes <= 10e9, `${plan.peak.bytes} bytes`);
  const { microBatches, rows: B, tokensPerRow } = plan.step, { memory } = plan.peak;
  assert.deepEqual([microBatches, B, tokensPerRow], [4, 16, 512]);
  assert.ok(memory.student >= 4 * 245_803_648 && memory.gradients === memory.student);
  const pool = memory.activations + memory.loss, live = fullestMoment(plan.step.program).bytes;
  assert.ok(pool <= 1.05 * live, `a pool of ${pool} bytes for ${live} that live at once`);
});
