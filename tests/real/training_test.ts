/** Two optimizer steps of the real pruned model beside its teacher, against PyTorch (golden.json). */
import assert from "node:assert/strict";
import type { Engine, Tensor } from "../../engine/mod.ts";
import { pruneModel } from "../../model/pruning/mod.ts";
import { openModel } from "../../model/weights/mod.ts";
import { chunk, microBatch } from "../../train/data/mod.ts";
import { scheduleValues } from "../../train/optim/mod.ts";
import { declareState, recordStep } from "../../train/step.ts";
import { feedStep, readMetrics } from "../support/feed_step.ts";
import { golden } from "./golden.ts";
import { loadReal, realEngine, realTest, report } from "./real_model.ts";

const ROWS_A_STEP = 2;
/** Of losses and norms of gradients, each as a share: float32 through 14 blocks and back. */
const LOSS_TOLERANCE = 2e-5, GRADIENT_TOLERANCE = 1e-3;
/** Of a parameter's way, and of single weights in units of the learning rate: Adam divides small gradients by small. */
const MOVED_TOLERANCE = 1e-3, SAMPLE_TOLERANCE = 0.05;

realTest(
  "two steps of healing are PyTorch's: losses, gradients and ways of every parameter",
  async (path) => {
    const engine = await realEngine(), { settings, rows, steps } = golden.training, T = rows[0]!.length;
    const teacher = await loadReal(path, { positions: T });
    const student = await loadReal(path, { drop: golden.dropped, positions: T, differentiable: true });
    const state = declareState(student);
    const batches = chunk(rows, ROWS_A_STEP).map((group) =>
      microBatch(group.map((row) => Uint32Array.from(row)), [T], 0)
    );
    const { weight_decay: decay, betas, eps, clip, ...loss } = settings;
    const step = recordStep(engine.target, {
      student,
      teacher,
      state,
      loss: { kind: "forward_kl", skew: 0, ...loss },
      optimizer: { betas, eps, clip, weightDecay: { matrices: decay, norms: decay } },
      batches: batches.slice(0, 1),
    });
    const prepared = await engine.prepare(step.program);
    const opened = await openModel(path), { read } = pruneModel(opened, golden.dropped);
    for (const [i, expected] of steps.entries()) {
      const schedule = scheduleValues(settings.lr, i + 1, betas);
      await feedStep(engine, step, [batches[i]!], ({ tokens }) => 1 / tokens, schedule);
      engine.run(prepared);
      const { losses, clip: [norm] } = await readMetrics(engine, step);
      const errors = { losses: 0, gradientNorms: 0, ways: 0, weights: 0 };
      const worst = (kind: keyof typeof errors, error: number) =>
        errors[kind] = Math.max(errors[kind], error);
      assert.equal(batches[i]!.tokens, expected.tokens);
      worst("losses", share(losses[0]!, expected.cross_entropy));
      worst("losses", share(losses[1]!, expected.forward_kl));
      worst("gradientNorms", share(norm!, expected.gradient_norm));
      assert.deepEqual(new Set(student.parameters.named.keys()), new Set(Object.keys(expected.parameters)));
      for (const [name, parameter] of student.parameters.named) {
        const gradient = await valuesOf(engine, state.gradients.named.get(name)!);
        worst("gradientNorms", share(distance(gradient), expected.parameters[name]!.gradient));
        const now = await valuesOf(engine, parameter), { moved, sampled } = expected.parameters[name]!;
        worst("ways", share(distance(now, await read(name)), moved));
        const places = [0, Math.floor(now.length / 2), now.length - 1];
        places.forEach((place, j) => worst("weights", Math.abs(now[place]! - sampled[j]!) / settings.lr));
      }
      check(errors, i);
    }
    opened.weights.close();
  },
);

function check(errors: Readonly<Record<string, number>>, step: number): void {
  const tolerances: Record<string, number> = {
    losses: LOSS_TOLERANCE,
    gradientNorms: GRADIENT_TOLERANCE,
    ways: MOVED_TOLERANCE,
    weights: SAMPLE_TOLERANCE,
  };
  for (const [kind, error] of Object.entries(errors)) {
    report(`step ${step}, ${kind}`, error, tolerances[kind]!);
  }
  for (const [kind, error] of Object.entries(errors)) {
    assert.ok(error <= tolerances[kind]!, `step ${step}: ${kind}`);
  }
}

const valuesOf = async (engine: Engine, tensor: Tensor) => await engine.read(tensor) as Float32Array;
const share = (actual: number, expected: number) => Math.abs(actual - expected) / Math.abs(expected);

/** Euclidean norm of end - start in f64. */
function distance(end: Float32Array, start?: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < end.length; i++) sum += (end[i]! - (start?.[i] ?? 0)) ** 2;
  return Math.sqrt(sum);
}
