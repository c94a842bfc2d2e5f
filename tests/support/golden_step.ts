import { elementCount, type Engine, type Slot } from "../../engine/mod.ts";
import { pruneConfig, survivingLayers } from "../../model/config/mod.ts";
import { type Gemma3, loadGemma3, type Parameters } from "../../model/gemma3/mod.ts";
import { chunk, type MicroBatch, microBatch } from "../../train/data/mod.ts";
import type { LossConfig, LossKind } from "../../train/losses/mod.ts";
import { goldenRows, withGoldenModel } from "./golden_models.ts";

/** The blocks that tests/golden/common.py removes. */
const DROPPED: Readonly<Record<string, readonly number[]>> = {
  tiny_micro: [1],
  tiny_a: [1],
  tiny_b: [2, 0],
  tiny_c: [3, 1],
  tiny_d: [2, 3],
};
/** Columns of every padded batch: the longest golden row. */
export const COLUMNS = 19;

/** Teacher whole and student pruned, as the golden scripts have them. */
export function loadPair(engine: Engine, name: string): Promise<{ teacher: Gemma3; student: Gemma3 }> {
  return withGoldenModel(name, async ({ config, weights }) => {
    const drop = DROPPED[name]!, survivors = survivingLayers(config.numHiddenLayers, drop);
    const read = (parameter: string) =>
      weights.readF32(
        parameter.replace(
          /^model\.layers\.(\d+)\./,
          (_, layer) => `model.layers.${survivors[Number(layer)]}.`,
        ),
      );
    const options = { label: name, positions: COLUMNS };
    return {
      teacher: await loadGemma3(engine, config, weights.readF32, options),
      student: await loadGemma3(engine, pruneConfig(config, drop), read, {
        ...options,
        differentiable: true,
      }),
    };
  });
}

/** The first `count` golden rows as right-padded micro-batches of `size`, all of one width. */
export async function goldenBatches(name: string, count: number, size: number): Promise<MicroBatch[]> {
  return chunk(await goldenRows(name, count), size).map((rows) => microBatch(rows, [COLUMNS], 0));
}

/** The settings of the golden losses: CE alone, or half CE and half a divergence. */
export function goldenLoss(kind: LossKind): LossConfig {
  const [alpha, beta] = kind === "cross_entropy" ? [1, 0] as const : [0.5, 0.5] as const;
  return { kind, alpha, beta, temperature: 2, skew: kind === "jsd" ? 0.5 : 0.1 };
}

/** All parameters, gradients or moments, by checkpoint name: few reads of much, as every read waits for the device. */
export async function readAll(engine: Engine, parameters: Parameters): Promise<Map<string, Float32Array>> {
  const arenas = new Map<Slot, Float32Array>();
  for (const { tensor } of parameters.arenas) {
    arenas.set(tensor.slot, await engine.read(tensor) as Float32Array);
  }
  return new Map([...parameters.named].map(([name, { slot, offset, shape }]) => [
    name,
    arenas.get(slot)!.subarray(offset, offset + elementCount(shape)),
  ]));
}

/** What tests/golden/common.py keeps of a large tensor. */
export interface Summary {
  readonly norm: number;
  readonly sum: number;
  readonly first: readonly number[];
}

/** Euclidean norm in f64. */
export const norm = (values: Float32Array): number => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));

/** Distance of two tensors as a share of the expected one's norm. */
export const relativeDistance = (actual: Float32Array, expected: Float32Array): number =>
  norm(actual.map((x, i) => x - expected[i]!)) / norm(expected);

/**
 * How far a tensor is from its summary, each as a share: norms of the norm, single values of the norm, sums of the
 * largest sum that values of that norm can have.
 */
export function summaryError(actual: Float32Array, expected: Summary): number {
  const sum = actual.reduce((total, x) => total + x, 0);
  return Math.max(
    Math.abs(norm(actual) - expected.norm) / expected.norm,
    Math.abs(sum - expected.sum) / (expected.norm * Math.sqrt(actual.length)),
    ...expected.first.map((x, i) => Math.abs(actual[i]! - x) / expected.norm),
  );
}
