/** A step that drops positions without a target before the projection is the step that does not. */
import assert from "node:assert/strict";
import { scoredCapacities } from "../../train/data/mod.ts";
import { declareState, recordStep } from "../../train/step.ts";
import { assertClose } from "../support/close.ts";
import { gpuTest } from "../support/engine.ts";
import { feedStep, readMetrics } from "../support/feed_step.ts";
import {
  COLUMNS,
  goldenBatches,
  goldenLoss,
  loadPair,
  readAll,
  relativeDistance,
} from "../support/golden_step.ts";

const ROWS = 12;
const OPTIMIZER = {
  betas: [0.9, 0.999],
  eps: 1e-8,
  clip: Infinity,
  weightDecay: { matrices: 0, norms: 0 },
} as const;

gpuTest("dropped positions change neither losses nor gradients", async (engine) => {
  const { teacher, student } = await loadPair(engine, "tiny_a"), state = declareState(student);
  const batches = await goldenBatches("tiny_a", ROWS, ROWS), [places] = scoredCapacities(batches);
  assert.ok(places! < ROWS * COLUMNS, `${places} places drop nothing`);
  const run = async (scored: number, lossChunk: number | null) => {
    const step = recordStep(engine.target, {
      student,
      teacher,
      state,
      loss: goldenLoss("skew_kl"),
      optimizer: OPTIMIZER,
      batches: [{ B: ROWS, T: COLUMNS, scored }],
      lossChunk,
    });
    const prepared = await engine.prepare(step.program);
    await feedStep(engine, step, batches, ({ tokens }) => 1 / tokens, Float32Array.of(0, 0, 1, 0));
    engine.run(prepared);
    const { losses, clip } = await readMetrics(engine, state);
    return { losses: losses.slice(), norm: clip[0]!, gradients: await readAll(engine, state.gradients) };
  };
  const all = await run(ROWS * COLUMNS, null);
  assert.ok(all.norm > 0);
  for (const chunk of [null, 64]) {
    const compact = await run(places!, chunk);
    assertClose(compact.losses, all.losses, "losses", 1e-6, 0);
    assertClose([compact.norm], [all.norm], "norm of the gradient", 1e-6, 0);
    for (const [name, gradient] of all.gradients) {
      const error = relativeDistance(compact.gradients.get(name)!, gradient);
      assert.ok(error <= 1e-6, `gradient of ${name}: ${error} of its norm`);
    }
  }
});

Deno.test("micro-batches of a step share one share of their positions", () => {
  const batch = (B: number, T: number, tokens: number) => ({ B, T, tokens });
  assert.deepEqual(scoredCapacities([batch(16, 512, 1000), batch(16, 256, 1000)]), [2048, 1024]);
  assert.deepEqual(scoredCapacities([batch(16, 512, 1000), batch(16, 256, 4080)]), [8192, 4096]);
  assert.deepEqual(scoredCapacities([batch(2, 19, 3)]), [38]);
});
