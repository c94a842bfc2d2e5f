import { DataError } from "../../engine/mod.ts";
import { layerTypesByPattern } from "./layer_types.ts";
import { pruneConfig } from "./prune.ts";
import type { Gemma3Config, LayerType } from "./types.ts";

/** What the published recipe removes from the 18 layers of google/gemma-3-270m. */
export const PUBLISHED_DROP: readonly number[] = [9, 8, 14, 16];

/**
 * Some published checkpoints were saved with `layer_types` popped twice: pruning had already removed the entries of the
 * dropped layers, then the saving code removed the entries at the same indices again, where they still existed, and
 * set `num_hidden_layers` to what was left. Fewer layers than the weights hold would be built, some of the wrong type.
 *
 * The file alone does not tell which layers were dropped: several choices explain the same damage. Given the dropped
 * layers the types are certain, because the damage can be replayed: the types of the unpruned model (every 6th layer
 * full) lose `drop` once for the answer, and twice for what the file must then say. A file that says anything else is
 * not repaired.
 *
 * @param layersInFile Number of layers whose tensors the weights hold.
 * @param drop Layers of the unpruned model that were removed; by default those of the published recipe.
 * @throws {DataError} when the double pop with these layers does not explain the file.
 */
export function repairDoublePop(
  config: Gemma3Config,
  layersInFile: number,
  path: string,
  drop: readonly number[] = PUBLISHED_DROP,
): { config: Gemma3Config; explanation: string } {
  const original = layersInFile + drop.length;
  const layers = { numHiddenLayers: original, layerTypes: layerTypesByPattern(original) };
  const repaired = pruneConfig({ ...config, ...layers }, drop);
  if (!sameTypes(popEach(repaired.layerTypes, drop), config.layerTypes)) {
    throw new DataError(
      `Cannot repair ${path}: dropping layers ${
        drop.join(", ")
      } of ${original} and popping layer_types twice does ` +
        `not give the ${config.numHiddenLayers} types of the file; correct layer_types by hand`,
      { path },
    );
  }
  const full = repaired.layerTypes.flatMap((type, i) => type === "full_attention" ? [i] : []);
  const explanation = `${path} says ${config.numHiddenLayers} layers and the weights hold ${layersInFile}: ` +
    `layer_types was popped twice on saving. Repaired on the assumption that layers ${drop.join(", ")} of ` +
    `${original} were dropped, which explains the file: full attention at ${full.join(", ")}`;
  return { config: repaired, explanation };
}

/**
 * The error for weights that hold more layers than the config says.
 *
 * @param path The config.json concerned.
 */
export function layerCountMismatch(config: Gemma3Config, layersInFile: number, path: string): DataError {
  return new DataError(
    `Cannot use ${path}: it says ${config.numHiddenLayers} layers and the weights hold ${layersInFile}, ` +
      `as when layer_types was popped twice on saving; correct it, or ask for its repair (--repair)`,
    { path },
  );
}

/** Removes the entries at `indices` from the last to the first, ignoring those past the end, as the saving code did. */
function popEach(types: readonly LayerType[], indices: readonly number[]): LayerType[] {
  const left = [...types];
  for (const index of [...indices].sort((a, b) => b - a)) {
    if (index < left.length) left.splice(index, 1);
  }
  return left;
}

function sameTypes(a: readonly LayerType[], b: readonly LayerType[]): boolean {
  return a.length === b.length && a.every((type, i) => type === b[i]);
}
