/** The teacher's kept states: the same training, bit for bit, without its blocks from the second epoch on. */
import assert from "node:assert/strict";
import { type Engine, listen, UNSCORED } from "../../engine/mod.ts";
import { resolveConfig } from "../../train/config/mod.ts";
import { microBatch } from "../../train/data/mod.ts";
import type { StepMetrics } from "../../train/metrics.ts";
import {
  configuredStates,
  declareTeacherStates,
  placesOfStates,
  stateBytes,
} from "../../train/teacher_states.ts";
import { createTrainer } from "../../train/trainer.ts";
import { gpuTest } from "../support/engine.ts";
import { goldenRows } from "../support/golden_models.ts";
import { COLUMNS, goldenLoss, loadPair, readAll } from "../support/golden_step.ts";
import { TARGET } from "../support/target.ts";

const OPTIMIZER = {
  betas: [0.9, 0.999],
  eps: 1e-8,
  clip: 1,
  weightDecay: { matrices: 0.01, norms: 0.01 },
} as const;
/** Rows of each step's micro-batches, over two epochs; the fourth step's second batch is a short one. */
const STEPS = [[[0, 1, 2], [3, 4, 5]], [[6]], [[5, 0, 3], [6, 2, 1]], [[4]]];

/** Trains over {@link STEPS}; metrics, parameters and the dispatches of each step. */
async function trained(engine: Engine, keep: boolean, maxBinding: number) {
  const { teacher, student } = await loadPair(engine, "tiny_a"), rows = await goldenRows("tiny_a", 7);
  const trainer = createTrainer({
    engine,
    student,
    teacher,
    loss: goldenLoss("skew_kl"),
    optimizer: OPTIMIZER,
    normalize: "step",
    metricsEvery: 1,
    states: keep ? declareTeacherStates({ maxBinding }, rows, teacher.config.hiddenSize) : undefined,
  });
  const metrics: StepMetrics[] = [], dispatches: number[] = [];
  const stop = listen((event) => {
    if (event.kind === "submit") dispatches.push(event.dispatches);
  });
  for (const step of STEPS) {
    const batches = step.map((rowIds) => ({
      ...microBatch(rowIds.map((i) => rows[i]!), [COLUMNS], 0),
      rowIds,
    }));
    metrics.push(...await trainer.step(batches, 1e-3));
  }
  metrics.push(...await trainer.rest());
  stop();
  const parameters = await readAll(engine, student.parameters);
  await trainer.close();
  const measured = metrics.map(({ tokensPerSecond: _, ...rest }) => rest);
  return { measured, parameters, dispatches };
}

gpuTest("kept states give the bits of a teacher that runs", async (engine) => {
  const plain = await trained(engine, false, engine.target.maxBinding);
  assert.equal(plain.measured.length, STEPS.length);
  for (const maxBinding of [engine.target.maxBinding, 2 ** 12]) { // the second lays the states out in several parts
    const kept = await trained(engine, true, maxBinding);
    assert.deepEqual(kept.measured, plain.measured);
    assert.deepEqual(kept.parameters, plain.parameters);
    for (const [step, [first, again]] of [[0, 2], [1, 3]].entries()) {
      const saved = plain.dispatches[again!]! - kept.dispatches[again!]!;
      assert.ok(saved > 40 * STEPS[again!]!.length, `step ${again}: ${saved} dispatches less`);
      assert.ok(kept.dispatches[first!]! > plain.dispatches[first!]!, `step ${step} keeps what it computes`);
    }
  }
});

Deno.test("states of a row's scored positions stand together, and places follow the rows", () => {
  const rows = [[2, 5, 6], [2], [2, 7]].map((ids) => Uint32Array.from(ids));
  const states = declareTeacherStates(TARGET, rows, 8);
  assert.deepEqual(states.starts, [0, 2, 2]);
  assert.equal(stateBytes(states), 3 * 8 * 4);
  const batch = { ...microBatch([rows[2]!, rows[0]!], [4], 0), rowIds: [2, 0] };
  const none = UNSCORED, all = Uint32Array.from({ length: 8 }, (_, n) => n);
  assert.deepEqual([...placesOfStates(states, batch, all)], [2, none, none, none, 0, 1, none, none]);
  assert.deepEqual([...placesOfStates(states, batch, Uint32Array.of(0, 4, 5, none))], [2, 0, 1, none]);
});

Deno.test("states are kept where that is configured, a teacher is needed and an epoch comes back", async () => {
  const rows = Array.from({ length: 4 }, () => new Uint32Array(5)), teacher = { hiddenSize: 8 } as never;
  const bytes = async (...set: string[]) => {
    const config = await resolveConfig({ set: ["train.micro_batch=2", "train.accumulation=1", ...set] });
    const states = configuredStates(TARGET, config, rows, teacher);
    return states && stateBytes(states);
  };
  assert.equal(await bytes("train.keep_teacher_states=true"), 4 * 4 * 8 * 4);
  assert.equal(await bytes(), undefined);
  assert.equal(await bytes("train.keep_teacher_states=true", "train.epochs=1"), undefined);
  assert.equal(await bytes("train.keep_teacher_states=true", "train.max_steps=2"), undefined);
  assert.equal(await bytes("train.keep_teacher_states=true", "loss.kind=cross_entropy"), undefined);
});
