import { type Gemma3Config, modelTensors, pruneConfig, survivingLayers } from "../config/mod.ts";
import type { OpenedModel, TensorToWrite } from "../weights/mod.ts";

/** A model without some of its blocks; nothing is read before it is asked for. */
export interface PrunedModel {
  readonly config: Gemma3Config;
  /** What `savePretrained` writes: every tensor of `config` in the order of the file. */
  readonly tensors: TensorToWrite[];
  /** Values by name in the pruned model: what `loadGemma3` uploads. */
  readonly read: (name: string) => Promise<Float32Array<ArrayBuffer>>;
}

/**
 * Removes blocks. Survivors keep their order, weights and attention type, and are numbered anew.
 *
 * To write it: `savePretrained(directory, { ...pruneModel(opened, drop), dtype: opened.storedDtype })`; to put it on the
 * device: `loadGemma3(engine, pruned.config, pruned.read, options)`. `opened` must stay open until then.
 *
 * @param drop blocks of the original model, in any order
 * @throws {UsageError} when a block does not exist or is named twice, or none would stay.
 */
export function pruneModel(
  opened: Pick<OpenedModel, "config" | "weights">,
  drop: readonly number[],
): PrunedModel {
  const config = pruneConfig(opened.config, drop);
  const survivors = survivingLayers(opened.config.numHiddenLayers, drop);
  const read: PrunedModel["read"] = (name) => opened.weights.readF32(originalName(name, survivors));
  const tensors = modelTensors(config).map(({ name, shape }) => ({ name, shape, read: () => read(name) }));
  return { config, tensors, read };
}

function originalName(name: string, survivors: readonly number[]): string {
  return name.replace(/^model\.layers\.(\d+)\./, (_, layer) => `model.layers.${survivors[Number(layer)]}.`);
}
