import {
  backward,
  createGradients,
  createTensor,
  type Engine,
  output,
  record,
  type Tensor,
} from "../../engine/mod.ts";

/** Values for one tensor; f32 ones count as differentiable. */
export interface Input {
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint32Array;
}

/** Records `f` on tensors that hold `inputs`, runs it once, and reads the tensors that it answers. */
export async function evaluateOnDevice(
  engine: Engine,
  inputs: readonly Input[],
  f: (...tensors: Tensor[]) => Tensor[],
): Promise<Float32Array[]> {
  const leaves = inputs.map(({ shape, data }, i) => {
    const dtype = data instanceof Float32Array ? "f32" as const : "u32" as const;
    return createTensor(`input ${i}`, "input", shape, dtype, dtype === "f32");
  });
  const { program, result } = record(
    "evaluate",
    engine.target,
    () => f(...leaves).map((y, i) => output(`output ${i}`, y)),
  );
  const prepared = await engine.prepare(program);
  for (const [i, leaf] of leaves.entries()) await engine.write(leaf, inputs[i]!.data);
  engine.run(prepared);
  const values: Float32Array[] = [];
  for (const tensor of result) values.push(await engine.read(tensor) as Float32Array);
  engine.release([...program.lifetimes.keys(), ...leaves.map(({ slot }) => slot)]);
  return values;
}

/** The value of `f` and its gradients under `upstream`: one for each f32 input that `f` depends on. */
export async function differentiateOnDevice(
  engine: Engine,
  inputs: readonly Input[],
  upstream: Input,
  f: (...tensors: Tensor[]) => Tensor,
): Promise<{ value: Float32Array; gradients: Float32Array[] }> {
  const [value, ...gradients] = await evaluateOnDevice(engine, [...inputs, upstream], (...tensors) => {
    const leaves = tensors.slice(0, -1), gradients = createGradients(), y = f(...leaves);
    backward(y, tensors.at(-1)!, gradients);
    return [y, ...leaves.map((leaf) => gradients.of(leaf)).filter((gradient) => gradient !== undefined)];
  });
  return { value: value!, gradients };
}
