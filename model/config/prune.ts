import { UsageError } from "../../engine/mod.ts";
import type { Gemma3Config } from "./types.ts";

/**
 * The layers that stay when `drop` are removed, ascending: new layer j is old layer `survivingLayers(n, drop)[j]`.
 *
 * @throws {UsageError} when an index is out of range or repeated, or nothing would stay.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { survivingLayers } from "./prune.ts";
 *
 * assert.deepEqual(survivingLayers(6, [4, 1]), [0, 2, 3, 5]);
 * ```
 */
export function survivingLayers(layers: number, drop: readonly number[]): number[] {
  const dropped = new Set<number>();
  for (const layer of drop) {
    if (!Number.isInteger(layer) || layer < 0 || layer >= layers) {
      throw new UsageError(
        `Cannot drop layer ${layer}: the model has layers 0 to ${layers - 1}; choose among them`,
      );
    }
    if (dropped.has(layer)) throw new UsageError(`Cannot drop layer ${layer} twice; name each layer once`);
    dropped.add(layer);
  }
  if (dropped.size === layers) {
    throw new UsageError(`Cannot drop all ${layers} layers: nothing would be left; keep at least one`);
  }
  return Array.from({ length: layers }, (_, i) => i).filter((layer) => !dropped.has(layer));
}

/**
 * The configuration without the layers in `drop` (indices of the original model, any order). Every survivor keeps its
 * own attention type: a pattern applied anew would give some layers a type they were not trained with.
 *
 * @throws {UsageError} as {@linkcode survivingLayers}.
 */
export function pruneConfig(config: Gemma3Config, drop: readonly number[]): Gemma3Config {
  const survivors = survivingLayers(config.numHiddenLayers, drop);
  const layerTypes = config.layerTypes.filter((_, layer) => survivors.includes(layer));
  return { ...config, numHiddenLayers: survivors.length, layerTypes };
}
