import { type Case, createRandom, elementCount, type Engine, part, type Tensor } from "../engine/mod.ts";

type AnyCase = Case<Record<string, unknown>>;

/** An input of a case; `values`, where given, are all of its integers, as no random ones would make sense. */
export type BenchInput = AnyCase["inputs"][number] & { readonly values?: readonly number[] };

/** Shapes and attributes that an op is measured with. */
export interface BenchCase extends AnyCase {
  readonly inputs: readonly BenchInput[];
}

/** Elements that are drawn; longer inputs repeat them, which no kernel here can profit from. */
const DRAWN = 2 ** 20;

/** Seeded values for the start of an input: floats in its range, or integers below its bound. */
export function draw(input: BenchInput, stream: number): Float32Array | Uint32Array {
  if (input.values) return Uint32Array.from(input.values);
  const random = createRandom(1, stream), length = Math.min(DRAWN, elementCount(input.shape));
  if (input.below !== undefined) return Uint32Array.from({ length }, () => random.integer(input.below!));
  const [low, high] = input.range ?? [-1, 1];
  return Float32Array.from({ length }, () => low + (high - low) * random.uniform());
}

/** Fills a tensor with values, over and over. */
export async function fill(
  engine: Engine,
  tensor: Tensor,
  values: Float32Array | Uint32Array,
): Promise<void> {
  const length = elementCount(tensor.shape);
  for (let start = 0; start < length; start += values.length) {
    const end = Math.min(length, start + values.length);
    await engine.write(part(tensor, { start, end }), values.subarray(0, end - start));
  }
}

/** Largest distance of two arrays, relative to the size of the expected values where that is above 1. */
export function worst(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!) / Math.max(1, Math.abs(expected[i]!));
    if (!(error <= largest)) largest = error; // NaN stays
  }
  return largest;
}
