/** Six optimizer steps of 2 x 512 tokens of the real pruned model, by the trainer itself, against PyTorch (healing.json). */
import assert from "node:assert/strict";
import { measurePerplexity } from "../../eval/perplexity.ts";
import type { Gemma3 } from "../../model/gemma3/mod.ts";
import { chunk, microBatch } from "../../train/data/mod.ts";
import type { StepMetrics } from "../../train/metrics.ts";
import { createTrainer } from "../../train/trainer.ts";
import { healing } from "./golden.ts";
import { loadReal, realEngine, realTest, report } from "./real_model.ts";

const ROWS_A_STEP = 2;
/** Shares of PyTorch's numbers. Adam moves every weight by the learning rate however small its gradient: rounding grows. */
const TOLERANCES = { loss: 1e-4, gradient: 1e-3, perplexity: 2e-4 };

const share = (actual: number, expected: number) => Math.abs(actual / expected - 1);

realTest(
  "six steps of healing at the recipe's length are PyTorch's, and so is what they reach",
  async (path) => {
    const engine = await realEngine(), { rows, held_out, settings, steps } = healing, T = rows[0]!.length;
    const { lr, betas, eps, weight_decay: decay, clip, alpha, beta, temperature } = settings;
    const errors = { loss: 0, gradient: 0, perplexity: 0 };
    const teacher = await loadReal(path, { positions: T });
    const student = await loadReal(path, { drop: settings.dropped, positions: T, differentiable: true });
    await comparePerplexity(teacher, healing.teacher.perplexity);
    await comparePerplexity(student, healing.pruned.perplexity);
    const trainer = createTrainer({
      engine,
      student,
      teacher,
      loss: { kind: "forward_kl", skew: 0, alpha, beta, temperature },
      optimizer: { betas, eps, clip, weightDecay: { matrices: decay, norms: decay } },
      normalize: "step",
      metricsEvery: 1,
    });
    const measured: StepMetrics[] = [];
    for (const group of chunk(rows, ROWS_A_STEP)) {
      const batch = microBatch(group.map((row) => Uint32Array.from(row)), [T], 0);
      measured.push(...await trainer.step([batch], lr));
    }
    measured.push(...await trainer.rest());
    assert.deepEqual(measured.map(({ tokens }) => tokens), steps.map(({ tokens }) => tokens));
    for (const [i, { crossEntropy, distillation, gradientNorm }] of measured.entries()) {
      const { cross_entropy, forward_kl, gradient_norm } = steps[i]!;
      errors.loss = Math.max(
        errors.loss,
        share(crossEntropy, cross_entropy),
        share(distillation, forward_kl),
      );
      errors.gradient = Math.max(errors.gradient, share(gradientNorm, gradient_norm));
    }
    await comparePerplexity(student, healing.student.perplexity);
    for (const name of Object.keys(errors) as (keyof typeof errors)[]) {
      report(
        name,
        errors[name],
        TOLERANCES[name],
      );
    }
    for (const name of Object.keys(errors) as (keyof typeof errors)[]) {
      assert.ok(errors[name] <= TOLERANCES[name], `${name}: ${errors[name]}`);
    }

    async function comparePerplexity(model: Gemma3, expected: number): Promise<void> {
      const held = held_out.map((row) => Uint32Array.from(row));
      const { perplexity } = await measurePerplexity(engine, model, held, { batchSize: 2, padId: 0 });
      errors.perplexity = Math.max(errors.perplexity, share(perplexity, expected));
    }
  },
);
