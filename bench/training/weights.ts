import { createRandom, DataError, elementCount } from "../../engine/mod.ts";
import { type Gemma3Config, modelTensors } from "../../model/config/mod.ts";
import type { WeightSource } from "../../model/files/mod.ts";
import { growthStarts, PRETRAIN } from "../../train/pretrain.ts";

/** Normal values that are drawn; longer tensors repeat them. A prime, so that no two rows of a matrix are alike. */
const DRAWN = 1_048_573;

/**
 * Weights of a model that never was, of sizes with which a model can be trained (growth initialisation). A tensor exists
 * when it is asked for and no longer, so a model needs memory for its largest one alone.
 */
export function randomWeights(config: Gemma3Config, seed: number): WeightSource {
  const starts = growthStarts(config, PRETRAIN.growth);
  const shapes = new Map(modelTensors(config).map(({ name, shape }) => [name, shape]));
  const random = createRandom(seed), drawn = Float32Array.from({ length: DRAWN }, () => random.normal());
  const find = (name: string) => {
    const start = starts.get(name), shape = shapes.get(name);
    if (start && shape) return { start, shape };
    throw new DataError(`Cannot draw tensor "${name}" as the model has none of that name`);
  };
  const order = [...shapes.keys()];
  return {
    names: () => [...order],
    info: (name) => ({ dtype: "F32", shape: find(name).shape }),
    readF32: (name) => {
      const { start, shape } = find(name), values = new Float32Array(elementCount(shape));
      if ("value" in start) return Promise.resolve(values.fill(start.value));
      const first = order.indexOf(name) * 104_729 % DRAWN; // another stretch for each tensor
      for (let i = 0, at = first; i < values.length; i++, at = at + 1 === DRAWN ? 0 : at + 1) {
        values[i] = start.deviation * drawn[at]!;
      }
      return Promise.resolve(values);
    },
    close: () => {},
  };
}
