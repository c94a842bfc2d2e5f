/** AdamW and the clip against PyTorch: values of tests/golden/ops.py. */
import assert from "node:assert/strict";
import { createTensor, output, record, type Tensor } from "../../../engine/mod.ts";
import { adamw, clipFactor, scheduleValues } from "../../../train/optim/mod.ts";
import { assertClose } from "../../support/close.ts";
import { gpuTest } from "../../support/engine.ts";
import { evaluateOnDevice } from "../../support/evaluate.ts";
import { GOLDEN_OPS, readGoldenTensors } from "../../support/golden_ops.ts";

const tensors = readGoldenTensors();

gpuTest("PyTorch: three steps of AdamW, gradients of three scales", async (engine) => {
  const { lr, betas, eps, weight_decay: weightDecay } = GOLDEN_OPS.adamw!.settings;
  const weight = tensors.get("adamw.in.weight")!, shape = weight.shape;
  const group = {
    parameters: createTensor("weight", "parameter", shape),
    gradients: createTensor("gradient", "input", shape),
    firstMoments: createTensor("m", "state", shape),
    secondMoments: createTensor("v", "state", shape),
    weightDecay,
  };
  const clip = createTensor("clip", "input", [2]), schedule = createTensor("schedule", "input", [4]);
  const { program } = record("adamw", engine.target, () => adamw([group], clip, schedule, { betas, eps }));
  const prepared = await engine.prepare(program);
  await engine.write(group.parameters, weight.data);
  await engine.write(clip, Float32Array.of(0, 1));
  for (let step = 0; step < 3; step++) {
    await engine.write(group.gradients, tensors.get(`adamw.in.gradient.${step}`)!.data);
    await engine.write(schedule, scheduleValues(lr, step + 1, betas));
    engine.run(prepared);
    const check = async (name: string, tensor: Tensor, relative: number, absolute: number) => {
      const expected = tensors.get(`adamw.out.${name}.${step}`)!.data;
      assertClose(await engine.read(tensor), expected, `${name} after step ${step}`, relative, absolute);
    };
    // Where moments nearly cancel PyTorch's own f32 is 5e-7 from f64; 1 - β₂ in f32 is 1.3e-5 from 0.001.
    await check("weight", group.parameters, 0, 1e-6);
    await check("m", group.firstMoments, 1e-6, 1e-7);
    await check("v", group.secondMoments, 1e-6, 0);
  }
  engine.release([...program.lifetimes.keys()]);
});

for (const [name, { op, settings, norm }] of Object.entries(GOLDEN_OPS)) {
  if (op !== "clip_grad_norm") continue;
  gpuTest(`PyTorch: ${name}`, async (engine) => {
    const inputs = [0, 1, 2].map((i) => tensors.get(`${name}.in.${i}`)!);
    const [clip] = await evaluateOnDevice(engine, inputs, (...gradients) => {
      return [output("clip", clipFactor(gradients, settings.max_norm))];
    });
    assertClose([clip![0]!], [norm!], "norm", 1e-6, 0);
    assert.equal(clip![1]! < 1, settings.max_norm < norm!);
    inputs.forEach(({ data }, i) => {
      const clipped = (data as Float32Array).map((d) => d * clip![1]!);
      assertClose(clipped, tensors.get(`${name}.out.${i}`)!.data, `gradient ${i}`, 2e-6, 0);
    });
  });
}
