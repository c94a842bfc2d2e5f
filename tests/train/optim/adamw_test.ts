/** AdamW and the clip against their definitions in f64. */
import assert from "node:assert/strict";
import { createRandom, createTensor, output, record } from "../../../engine/mod.ts";
import { adamw, clipFactor, scheduleValues } from "../../../train/optim/mod.ts";
import { assertClose } from "../../support/close.ts";
import { gpuTest } from "../../support/engine.ts";

const BETAS = [0.9, 0.99] as const, EPS = 1e-6, DECAY = 0.1;

/** One step of AdamW on one weight, in the order of PyTorch. */
interface Weight {
  p: number;
  m: number;
  v: number;
}

function stepReference(weight: Weight, gradient: number, lr: number, step: number): void {
  weight.p *= 1 - lr * DECAY;
  weight.m = BETAS[0] * weight.m + (1 - BETAS[0]) * gradient;
  weight.v = BETAS[1] * weight.v + (1 - BETAS[1]) * gradient ** 2;
  const root = Math.sqrt(weight.v) / Math.sqrt(1 - BETAS[1] ** step);
  weight.p -= lr / (1 - BETAS[0] ** step) * weight.m / (root + EPS);
}

for (
  const [name, elements] of [["in one piece", 100], ["an odd number", 101], ["in slices", 1000]] as const
) {
  gpuTest(`AdamW, ${name}: five steps with a new rate and clip each are f64's`, async (engine) => {
    const random = createRandom(5), target = { ...engine.target, maxBinding: 1024 };
    const tensors = {
      parameters: createTensor("parameters", "parameter", [elements]),
      gradients: createTensor("gradients", "input", [elements]),
      firstMoments: createTensor("m", "state", [elements]),
      secondMoments: createTensor("v", "state", [elements]),
    };
    const clip = createTensor("clip", "input", [2]), schedule = createTensor("schedule", "input", [4]);
    const { program } = record("adamw", target, () => {
      adamw([{ ...tensors, weightDecay: DECAY }], clip, schedule, { betas: BETAS, eps: EPS });
    });
    assert.equal(program.dispatches.length, Math.ceil(elements / 256));
    const prepared = await engine.prepare(program);
    const draw = () => Float32Array.from({ length: elements }, () => 2 * random.uniform() - 1);
    const start = draw(), weights = Array.from(start, (p): Weight => ({ p, m: 0, v: 0 }));
    await engine.write(tensors.parameters, start);
    for (let step = 1; step <= 5; step++) {
      // The second weight never gets a gradient: only the decay moves it.
      const gradient = draw().with(1, 0), factor = 1 / step, lr = 0.01 * step;
      await engine.write(tensors.gradients, gradient);
      await engine.write(clip, Float32Array.of(0, factor));
      await engine.write(schedule, scheduleValues(lr, step, BETAS));
      engine.run(prepared);
      weights.forEach((weight, i) => stepReference(weight, gradient[i]! * Math.fround(factor), lr, step));
      const read = async (tensor: typeof clip) => await engine.read(tensor) as Float32Array;
      const column = (key: keyof Weight) => weights.map((weight) => weight[key]);
      assertClose(await read(tensors.parameters), column("p"), `step ${step}: parameters`, 1e-6, 1e-6);
      assertClose(await read(tensors.firstMoments), column("m"), `step ${step}: m`, 1e-6, 1e-7);
      assertClose(await read(tensors.secondMoments), column("v"), `step ${step}: v`, 1e-6, 1e-7);
    }
    engine.release([...Object.values(tensors), clip, schedule].map(({ slot }) => slot));
  });
}

gpuTest("clip: the norm of all gradients, and a factor that bites above the limit alone", async (engine) => {
  const lengths = [3, 200_000], random = createRandom(9); // a sum over several parts
  const gradients = lengths.map((length, i) => createTensor(`gradient ${i}`, "input", [length]));
  const values = lengths.map((length) => Float32Array.from({ length }, () => 2 * random.uniform() - 1));
  const norm = Math.sqrt(values.reduce((sum, x) => sum + x.reduce((s, value) => s + value * value, 0), 0));
  const measure = async (limit: number, scale: number) => {
    const { program, result } = record(
      "clip",
      engine.target,
      () => output("clip", clipFactor(gradients, limit)),
    );
    const prepared = await engine.prepare(program);
    for (const [i, gradient] of gradients.entries()) {
      await engine.write(gradient, values[i]!.map((value) => scale * value));
    }
    engine.run(prepared);
    return await engine.read(result);
  };
  for (const limit of [1, norm / 2, 2 * norm, Infinity]) {
    const factor = Math.min(1, limit / (norm + 1e-6));
    assertClose(await measure(limit, 1), [norm, factor], `limit ${limit}`, 3e-6, 0);
  }
  assert.deepEqual([...await measure(1, 0)], [0, 1]);
  engine.release(gradients.map(({ slot }) => slot));
});
