import { apply } from "../autograd/apply.ts";
import { backward, createGradients } from "../autograd/backward.ts";
import type { Case, Entry, Values } from "../autograd/op.ts";
import { LapidaryError } from "../core/errors.ts";
import { output } from "../program/accumulate.ts";
import { record } from "../program/record.ts";
import type { Engine } from "../program/run.ts";
import { createTensor, type Tensor } from "../program/tensor.ts";

/** Results of an op on the device: outputs, and gradients where upstream gradients are given. */
export interface OpRun {
  readonly outputs: Float32Array[];
  readonly gradients: (Float32Array | undefined)[];
}

/**
 * Runs an op on given values, twice. f32 inputs count as differentiable.
 *
 * @param upstream gradients of the outputs; none asks for no gradients
 * @throws LapidaryError where the second run gives other bits: one Program must give the same each time
 */
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
  const read = (tensors: readonly (Tensor | undefined)[]) =>
    Promise.all(tensors.map((tensor) => tensor && engine.read(tensor) as Promise<Float32Array>));
  // Deno looks for the answer to a read every ten milliseconds, so all of both runs are asked for at once.
  const run = async (): Promise<OpRun> => {
    engine.run(prepared);
    const [outputs, gradients] = await Promise.all([read(result.outputs), read(result.gradients)]);
    return { outputs: outputs as Float32Array[], gradients };
  };
  const [first, again] = await Promise.all([run(), run()]);
  engine.release([...program.lifetimes.keys()].filter((slot) => slot.role !== "temporary"));
  if (!sameBits(first, again)) {
    throw new LapidaryError(`Cannot trust ${op.name} as a second run gave other bits`);
  }
  return first;
}

function sameBits(a: OpRun, b: OpRun): boolean {
  const others = [...b.outputs, ...b.gradients];
  return [...a.outputs, ...a.gradients].every((x, i) => {
    const y = others[i];
    if (!x || !y) return x === y;
    const [left, right] = [x, y].map(({ buffer }) => new Uint32Array(buffer)) as [Uint32Array, Uint32Array];
    return left.length === right.length && left.every((word, j) => word === right[j]);
  });
}
