/**
 * Losses and per-parameter gradients of a whole step against PyTorch (tests/golden/gradients.py): the pruned model under
 * CE, and under .5 CE + .5 of each divergence of the whole model at T = 2.
 */
import assert from "node:assert/strict";
import type { Engine } from "../../engine/mod.ts";
import { KINDS, type LossConfig, type LossKind } from "../../train/losses/mod.ts";
import { declareState, recordStep } from "../../train/step.ts";
import { assertClose } from "../support/close.ts";
import { gpuTest } from "../support/engine.ts";
import { feedStep, readMetrics } from "../support/feed_step.ts";
import { GOLDEN_MODELS, goldenJson, goldenTensors } from "../support/golden_models.ts";
import {
  COLUMNS,
  goldenBatches,
  goldenLoss,
  loadPair,
  readAll,
  relativeDistance,
  type Summary,
  summaryError,
} from "../support/golden_step.ts";

/** Of a loss: float32 sums over at most 300 columns. */
const LOSS_TOLERANCE = 1e-5;
/** Of a gradient's norm: float32 through at most six blocks and back. */
const GRADIENT_TOLERANCE = 2e-5;

interface GoldenRun {
  readonly losses: { readonly cross_entropy: number; readonly divergence?: number };
  readonly norm: number;
  readonly parameters: Readonly<Record<string, Summary>>;
}

type Golden = Readonly<Record<LossKind, GoldenRun>> & {
  readonly legacy: Readonly<Record<string, { readonly value: number }>>;
};

/** Losses, gradients and norm of one step at learning rate 0, for several losses on one model. */
async function openGolden(engine: Engine, name: string) {
  const { teacher, student } = await loadPair(engine, name), state = declareState(student);
  const batches = await goldenBatches(name, 3, 3), tokens = batches[0]!.tokens;
  return async (loss: LossConfig) => {
    const optimizer = {
      betas: [0.9, 0.999] as const,
      eps: 1e-8,
      clip: Infinity,
      weightDecay: { matrices: 0, norms: 0 },
    };
    const step = recordStep(engine.target, {
      student,
      teacher,
      state,
      loss,
      optimizer,
      batches: [{ B: 3, T: COLUMNS }],
    });
    const prepared = await engine.prepare(step.program);
    await feedStep(engine, step, batches, () => 1 / tokens, Float32Array.of(0, 0, 1, 0));
    engine.run(prepared);
    return { ...await readMetrics(engine, state), gradients: await readAll(engine, state.gradients) };
  };
}

const GOLDEN_KINDS = KINDS.filter((kind) => !kind.startsWith("legacy"));

for (const name of GOLDEN_MODELS) {
  gpuTest(`${name}: losses and gradients of every kind are PyTorch's`, async (engine) => {
    const golden = await goldenJson<Golden>(name, "gradients.json"), run = await openGolden(engine, name);
    for (const kind of GOLDEN_KINDS) {
      const expected = golden[kind];
      const { losses, clip, gradients } = await run(goldenLoss(kind));
      const { cross_entropy, divergence = 0 } = expected.losses;
      assertClose(
        losses.subarray(0, 2),
        [cross_entropy, divergence],
        `${kind}: losses`,
        LOSS_TOLERANCE,
        1e-6,
      );
      assertClose(clip, [expected.norm, 1], `${kind}: norm`, GRADIENT_TOLERANCE, 0);
      assert.deepEqual([...gradients.keys()].sort(), Object.keys(expected.parameters).sort());
      for (const [parameter, summary] of Object.entries(expected.parameters)) {
        const error = summaryError(gradients.get(parameter)!, summary);
        assert.ok(error <= GRADIENT_TOLERANCE, `${kind}: gradient of ${parameter}: error ${error}`);
      }
    }
  });

  gpuTest(
    `${name}: legacy losses at the card's settings have PyTorch's value and no gradient`,
    async (engine) => {
      const golden = await goldenJson<Golden>(name, "gradients.json"), run = await openGolden(engine, name);
      for (const [settings, { value }] of Object.entries(golden.legacy)) {
        const [kind, , skew] = settings.split(" ") as [LossKind, string, string];
        const loss = { kind, alpha: 0, beta: 1, temperature: 2, skew: Number(skew) };
        const { losses, clip } = await run(loss);
        assertClose([losses[1]!], [value], settings, LOSS_TOLERANCE, 2e-6);
        const share = Math.sqrt(losses[3]! / losses[2]!);
        if (settings === "legacy-v3 skew 0.4") {
          assert.ok(share > 1e-3, `${settings}: gradient ${share} of CE's`);
        } else {
          assert.ok(share < 1e-6, `${settings}: gradient of the logits ${share} of CE's`);
          const whole = clip[0]! / golden.cross_entropy.norm;
          assert.ok(whole < 1e-6, `${settings}: gradient of all parameters ${whole} of CE's`);
        }
      }
    },
  );
}

gpuTest("tiny_micro: every element of every gradient is PyTorch's", async (engine) => {
  const golden = await goldenTensors("tiny_micro", "gradients.safetensors");
  const run = await openGolden(engine, "tiny_micro");
  for (const kind of GOLDEN_KINDS) {
    for (const [parameter, gradient] of (await run(goldenLoss(kind))).gradients) {
      const error = relativeDistance(gradient, golden.get(`${kind}.${parameter}`)!);
      assert.ok(
        error <= GRADIENT_TOLERANCE,
        `${kind}: gradient of ${parameter}: distance ${error} of its norm`,
      );
    }
  }
});
