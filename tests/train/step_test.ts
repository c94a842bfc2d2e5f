/**
 * Three AdamW steps of two micro-batches each against PyTorch (tests/golden/training.py): losses, gradient norms before
 * clipping, and the parameters, under three clips and with each micro-batch normalised alone.
 */
import assert from "node:assert/strict";
import type { Engine } from "../../engine/mod.ts";
import { chunk } from "../../train/data/mod.ts";
import type { StepMetrics } from "../../train/metrics.ts";
import { createTrainer } from "../../train/trainer.ts";
import { assertClose } from "../support/close.ts";
import { gpuTest } from "../support/engine.ts";
import { GOLDEN_MODELS, goldenJson, goldenTensors } from "../support/golden_models.ts";
import {
  goldenBatches,
  goldenLoss,
  loadPair,
  norm,
  readAll,
  relativeDistance,
  type Summary,
  summaryError,
} from "../support/golden_step.ts";

/** Of losses and gradient norms: float32 through at most six blocks and back. */
const METRIC_TOLERANCE = 2e-5;
/** Of the norm of parameters; one step's weight decay is 1e-5 of it. */
const PARAMETER_TOLERANCE = 3e-6;
/** Of the way that a parameter has gone; Adam's first step depends on the sign of a gradient, however small. */
const MOVE_TOLERANCE = 1e-3;

interface GoldenStep {
  readonly cross_entropy: number;
  readonly forward_kl: number;
  readonly total: number;
  readonly tokens: number;
  readonly gradient_norm: number;
  readonly parameter_norm: number;
  readonly parameters?: Readonly<Record<string, Summary>>;
  readonly sums?: Readonly<Record<string, number>>;
}

interface GoldenVariant {
  readonly clip: number;
  readonly mean_per_micro_batch: boolean;
  readonly steps: readonly GoldenStep[];
}

const VARIANTS = ["default", "tight_clip", "loose_clip", "replay"] as const;
type Golden = Readonly<Record<typeof VARIANTS[number], GoldenVariant>>;

type Named = ReadonlyMap<string, Float32Array>;

/** Trains as the variant says; after each step `check` sees what was measured and the parameters. */
async function replay(
  engine: Engine,
  name: string,
  { clip, mean_per_micro_batch }: GoldenVariant,
  check: (step: number, metrics: StepMetrics, now: Named) => void,
): Promise<void> {
  const { teacher, student } = await loadPair(engine, name);
  const trainer = createTrainer({
    engine,
    student,
    teacher,
    loss: goldenLoss("forward_kl"),
    optimizer: { betas: [0.9, 0.999], eps: 1e-8, clip, weightDecay: { matrices: 0.01, norms: 0.01 } },
    normalize: mean_per_micro_batch ? "micro_batch" : "step",
    metricsEvery: 1,
  });
  for (const [step, batches] of chunk(await goldenBatches(name, 12, 2), 2).entries()) {
    await trainer.step(batches, 1e-3);
    const [metrics] = await trainer.rest();
    check(step, metrics!, await readAll(engine, student.parameters));
  }
  await trainer.close();
}

for (const name of GOLDEN_MODELS) {
  gpuTest(`${name}: three steps under every clip are PyTorch's`, async (engine) => {
    const golden = await goldenJson<Golden>(name, "training.json");
    for (const variant of VARIANTS) {
      await replay(engine, name, golden[variant], (step, metrics, parameters) => {
        const expected = golden[variant].steps[step]!;
        const close = (actual: number, value: number, what: string, tolerance = METRIC_TOLERANCE) =>
          assertClose([actual], [value], `${variant} step ${step}: ${what}`, tolerance, 0);
        assert.equal(metrics.tokens, expected.tokens);
        close(metrics.crossEntropy, expected.cross_entropy, "cross-entropy");
        close(metrics.distillation, expected.forward_kl, "forward KL");
        close(metrics.total, expected.total, "total");
        close(metrics.gradientNorm, expected.gradient_norm, "gradient norm");
        const squares = [...parameters.values()].reduce((sum, values) => sum + norm(values) ** 2, 0);
        close(Math.sqrt(squares), expected.parameter_norm, "norm of all parameters", PARAMETER_TOLERANCE);
        for (const [parameter, summary] of Object.entries(expected.parameters ?? {})) {
          const error = summaryError(parameters.get(parameter)!, summary);
          assert.ok(error <= PARAMETER_TOLERANCE, `${variant} step ${step}: ${parameter}: error ${error}`);
        }
        for (const [parameter, sum] of Object.entries(expected.sums ?? {})) {
          const values = parameters.get(parameter)!, total = values.reduce((a, b) => a + b, 0);
          const error = Math.abs(total - sum) / (norm(values) * Math.sqrt(values.length));
          assert.ok(error <= PARAMETER_TOLERANCE, `${variant}: sum of ${parameter}: error ${error}`);
        }
      });
    }
  });
}

for (const variant of ["default", "tight_clip"] as const) {
  gpuTest(`tiny_micro, ${variant}: every parameter has gone PyTorch's way`, async (engine) => {
    const golden = await goldenJson<Golden>("tiny_micro", "training.json");
    const whole = await goldenTensors("tiny_micro", "training.safetensors");
    const before = await readAll(engine, (await loadPair(engine, "tiny_micro")).student.parameters);
    await replay(engine, "tiny_micro", golden[variant], (step, _, parameters) => {
      for (const [parameter, values] of parameters) {
        const expected = whole.get(`${variant}.${step}.${parameter}`), start = before.get(parameter)!;
        if (!expected) continue;
        const way = (end: Float32Array) => end.map((x, i) => x - start[i]!);
        const error = relativeDistance(way(values), way(expected));
        assert.ok(error <= MOVE_TOLERANCE, `step ${step}: ${parameter}: error ${error} of its way`);
      }
    });
  });
}
