/** What the trainer tells of its steps: every one once, in order, with its own numbers, however rarely it reads. */
import assert from "node:assert/strict";
import { type Engine, LapidaryError, listen } from "../../engine/mod.ts";
import type { StepMetrics } from "../../train/metrics.ts";
import { predictedPads } from "../../train/data/mod.ts";
import { createTrainer } from "../../train/trainer.ts";
import { gpuTest } from "../support/engine.ts";
import { goldenRows, loadGoldenModel, runForward } from "../support/golden_models.ts";
import { COLUMNS, goldenBatches, goldenLoss, loadPair, readAll } from "../support/golden_step.ts";

const STEPS = 8;
const OPTIMIZER = {
  ...{ betas: [0.9, 0.999], eps: 1e-8, clip: 1 } as const,
  weightDecay: { matrices: 0, norms: 0 },
};

/** Trains tiny_micro on rows of its own for every step; what was measured, the parameters and the reads it took. */
async function trained(engine: Engine, metricsEvery: number, recompute: "none" | "block" = "none") {
  const { teacher, student } = await loadPair(engine, "tiny_micro");
  const optimizer = { ...OPTIMIZER, weightDecay: { matrices: 0.01, norms: 0.01 } };
  const loss = goldenLoss("forward_kl");
  const trainer = createTrainer({
    engine,
    student,
    teacher,
    loss,
    optimizer,
    normalize: "step",
    metricsEvery,
    recompute,
  });
  const measured: StepMetrics[] = [];
  let reads = 0;
  const stop = listen((event) => reads += event.kind === "read" ? 1 : 0);
  for (const batch of await goldenBatches("tiny_micro", STEPS, 1)) {
    measured.push(...await trainer.step([batch], 1e-2));
  }
  measured.push(...await trainer.rest());
  stop();
  assert.deepEqual([...await trainer.rest()], []);
  const parameters = await readAll(engine, student.parameters);
  await trainer.close();
  return { measured: measured.map(({ tokensPerSecond: _, ...rest }) => rest), parameters, reads };
}

gpuTest(
  "metrics are those of their steps, bit for bit, and so are parameters, however rarely they are read",
  async (engine) => {
    const each = await trained(engine, 1), rarely = await trained(engine, 100);
    assert.deepEqual(each.measured.map(({ step }) => step), Array.from({ length: STEPS }, (_, i) => i + 1));
    assert.equal(new Set(each.measured.map(({ crossEntropy }) => crossEntropy)).size, STEPS);
    assert.deepEqual(rarely.measured, each.measured);
    assert.deepEqual(rarely.parameters, each.parameters);
    assert.equal(each.reads, STEPS);
    assert.ok(rarely.reads < STEPS, `${rarely.reads} reads of ${STEPS} steps`);
  },
);

gpuTest("recomputing blocks changes no bit of metrics and parameters", async (engine) => {
  const kept = await trained(engine, 100), again = await trained(engine, 100, "block");
  assert.deepEqual(again.measured, kept.measured);
  assert.deepEqual(again.parameters, kept.parameters);
});

gpuTest("pads on the left are predicted like words, and no real token sees them", async (engine) => {
  const rows = (await goldenRows("tiny_micro", 3)).map((row, i) => row.slice(0, COLUMNS - 4 * i));
  const batch = predictedPads(rows, COLUMNS, 0), teacher = await loadGoldenModel(engine, "tiny_micro");
  const { logits } = await runForward(engine, teacher, batch.ids, rows.length, batch.first);
  const V = teacher.config.vocabSize;
  let expected = 0;
  for (const [n, target] of batch.targets.entries()) {
    if ((n + 1) % COLUMNS === 0) continue;
    const row = Float64Array.from(logits.subarray(n * V, (n + 1) * V)), most = Math.max(...row);
    expected += most + Math.log(row.reduce((sum, x) => sum + Math.exp(x - most), 0)) - row[target]!;
  }
  // A student that is the teacher itself, so that its loss is known before it moves.
  const student = { ...await loadGoldenModel(engine, "tiny_micro") };
  const trainer = createTrainer({
    ...{ engine, teacher: undefined, student, normalize: "micro_batch", metricsEvery: 1 },
    loss: { ...goldenLoss("forward_kl"), kind: "cross_entropy" },
    optimizer: OPTIMIZER,
  });
  await trainer.step([batch], 1e-3);
  const [metrics] = await trainer.rest();
  await trainer.close();
  assert.equal(metrics!.tokens, 3 * (COLUMNS - 1));
  const mean = expected / metrics!.tokens;
  assert.ok(Math.abs(metrics!.crossEntropy - mean) < 2e-5 * mean, `${metrics!.crossEntropy} for ${mean}`);
});

/** Trains a step at each rate and then rests; `poison` comes before the third. What was told before the error, and the error. */
async function failing(
  engine: Engine,
  rates: readonly number[],
  poison: (pair: Awaited<ReturnType<typeof loadPair>>) => Promise<void> = () => Promise.resolve(),
  metricsEvery = 100,
) {
  const pair = await loadPair(engine, "tiny_micro"), { teacher, student } = pair;
  const trainer = createTrainer({
    ...{
      engine,
      student,
      teacher,
      optimizer: OPTIMIZER,
      loss: goldenLoss("forward_kl"),
      normalize: "step",
      metricsEvery,
    },
  });
  const told: number[] = [];
  let before = await readAll(engine, student.parameters);
  const tell = (measured: Iterable<StepMetrics>) => {
    for (const { step } of measured) told.push(step);
  };
  try {
    for (const [i, batch] of (await goldenBatches("tiny_micro", rates.length, 1)).entries()) {
      if (i === 2) {
        await poison(pair);
        before = await readAll(engine, student.parameters);
      }
      tell(await trainer.step([batch], rates[i]!));
    }
    tell(await trainer.rest());
  } catch (error) {
    return { told, error: error as Error, before, after: await readAll(engine, student.parameters) };
  } finally {
    await trainer.close();
  }
  assert.fail("it went on");
}

const CURE = "lower train.lr, or look for damaged weights or data";

gpuTest("a step that is not finite is named, after all that were, with the tensor", async (engine) => {
  const { told, error } = await failing(engine, [1e-3, 1e-3, 1e38, 1e-3, 1e-3]);
  assert.deepEqual(told, [1, 2, 3]);
  assert.ok(error instanceof LapidaryError);
  assert.match(
    error.message,
    /^Cannot go on training as the [a-z -]+ is (NaN|Infinity) at step 4; the first that is not finite is the student's model\.embed_tokens\.weight; /,
  );
});

gpuTest(
  "a tensor that is not finite is named, and the parameters stay those before that step, however rarely it is read",
  async (engine) => {
    const name = "model.layers.0.mlp.up_proj.weight";
    for (const metricsEvery of [1, 100]) {
      const poison: Parameters<typeof failing>[2] = ({ teacher }) =>
        engine.write(teacher.parameters.named.get(name)!, Float32Array.of(1, Infinity));
      const { told, error, before, after } = await failing(engine, Array(6).fill(1e-3), poison, metricsEvery);
      assert.deepEqual(told, [1, 2]);
      assert.equal(
        error.message,
        `Cannot go on training as the distillation loss is NaN at step 3; the first that is not finite is the teacher's ${name}; ${CURE}`,
      );
      assert.deepEqual(after, before);
    }
  },
);

gpuTest("a gradient that alone is not finite is named", async (engine) => {
  const poison: Parameters<typeof failing>[2] = ({ student }) => {
    const norm = student.parameters.named.get("model.layers.0.self_attn.q_norm.weight")!;
    return engine.write(norm, new Float32Array(norm.shape[0]!).fill(1e19));
  };
  const { told, error, before, after } = await failing(engine, Array(4).fill(1e-3), poison);
  assert.deepEqual(told, [1, 2]);
  assert.match(
    error.message,
    /^Cannot go on training as the gradient norm is (NaN|Infinity) at step 3; the first that is not finite is the gradient of model\.layers\.0\.self_attn\.[qk]_norm\.weight; /,
  );
  assert.deepEqual(after, before);
});

gpuTest("a trainer closed while metrics are read runs nothing on buffers that are gone", async (engine) => {
  const slow: Engine = Object.create(engine, {
    read: {
      async value(tensor: Parameters<Engine["read"]>[0]) {
        const values = await engine.read(tensor);
        await new Promise((resolve) => setTimeout(resolve, 100));
        return values;
      },
    },
  });
  const trainer = createTrainer({
    ...{ engine: slow, teacher: undefined, student: { ...await loadGoldenModel(engine, "tiny_micro") } },
    ...{ normalize: "step", metricsEvery: 1, loss: { ...goldenLoss("forward_kl"), kind: "cross_entropy" } },
    optimizer: OPTIMIZER,
  });
  // The first step breaks the weights, and the second finds it: its metrics are still on their way.
  for (const batch of await goldenBatches("tiny_micro", 2, 1)) await trainer.step([batch], 1e38);
  await trainer.close();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const { told } = await failing(engine, [1e-3, 1e-3, 1e38, 1e-3]);
  assert.deepEqual(told, [1, 2, 3], "the engine still works");
});
