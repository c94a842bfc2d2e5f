import assert from "node:assert/strict";
import {
  apply,
  backward,
  type Case,
  createGradients,
  createRandom,
  createTensor,
  elementCount,
  type Engine,
  type Entry,
  output,
  record,
  type Tensor,
  type Values,
} from "../../engine/mod.ts";

/** Seeded values for a case's inputs, exactly representable in f32. */
export function drawInputs({ inputs }: Case<Record<string, unknown>>, seed: number): Values[] {
  return inputs.map((input, stream) => {
    const random = createRandom(seed, stream), [low, high] = input.range ?? [-1, 1];
    const draw = input.below === undefined
      ? () => Math.fround(low + (high - low) * random.uniform())
      : () => random.integer(input.below!);
    return { shape: input.shape, data: Float64Array.from({ length: elementCount(input.shape) }, draw) };
  });
}

/** Results of an op on the device: outputs, and gradients where upstream gradients are given. */
export interface OpRun {
  readonly outputs: Float32Array[];
  readonly gradients: (Float32Array | undefined)[];
}

/** Runs an op on given values, twice: one Program gives the same bits each time. f32 inputs count as differentiable. */
export async function runOp(
  engine: Engine,
  { op }: Entry,
  drawn: Case<Record<string, unknown>>,
  values: readonly Values[],
  upstream: readonly Values[],
): Promise<OpRun> {
  const leaves = values.map(({ shape }, i) => {
    const dtype = drawn.inputs[i]!.below === undefined ? "f32" as const : "u32" as const;
    return createTensor(`input ${i}`, "input", shape, dtype, dtype === "f32");
  });
  const seeds = upstream.map(({ shape }, i) => createTensor(`dy ${i}`, "input", shape));
  const { program, result } = record(op.name, engine.target, () => {
    const outputs = apply(op, leaves, drawn.attributes), gradients = createGradients();
    if (op.backward !== "not differentiable") {
      seeds.forEach((seed, i) => backward(outputs[i]!, seed, gradients));
    }
    return {
      outputs: outputs.map((y) => output("y", y)),
      gradients: leaves.map((leaf) => gradients.of(leaf)).map((d) => d && output("d", d)),
    };
  });
  const prepared = await engine.prepare(program);
  for (const [i, leaf] of leaves.entries()) {
    await engine.write(
      leaf,
      leaf.dtype === "f32" ? Float32Array.from(values[i]!.data) : Uint32Array.from(values[i]!.data),
    );
  }
  for (const [i, seed] of seeds.entries()) await engine.write(seed, Float32Array.from(upstream[i]!.data));
  const run = async (): Promise<OpRun> => {
    engine.run(prepared);
    const outputs: Float32Array[] = [], gradients: (Float32Array | undefined)[] = [];
    for (const tensor of result.outputs) outputs.push(await read(tensor));
    for (const tensor of result.gradients) gradients.push(tensor && await read(tensor));
    return { outputs, gradients };
  };
  const read = async (tensor: Tensor) => await engine.read(tensor) as Float32Array;
  const first = await run();
  assert.deepEqual(await run(), first, "a second run gave other bits");
  engine.release([...program.lifetimes.keys()].filter((slot) => slot.role !== "temporary"));
  return first;
}
