import type { Case, Values } from "../autograd/op.ts";
import { createRandom } from "../core/random.ts";
import { elementCount } from "../core/shape.ts";

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
