import type { Engine } from "../../engine/mod.ts";
import type { WeightDtype } from "../config/mod.ts";
import { savePretrained } from "../weights/mod.ts";
import type { Gemma3 } from "./forward.ts";

/** How a model on the device is written. */
export interface SaveOptions {
  readonly dtype: WeightDtype;
  /** Directory whose tokenizer files are copied. */
  readonly tokenizerDir?: string | undefined;
  readonly generationConfig?: Record<string, unknown> | undefined;
  /** Whether it takes the place of what stands there; default false. */
  readonly replace?: boolean;
}

/** Writes a model on the device as a directory that `transformers` loads; tensors are read back one at a time. */
export async function saveGemma3(
  engine: Engine,
  model: Gemma3,
  directory: string,
  options: SaveOptions,
): Promise<void> {
  const tensors = [...model.parameters.named].map(([name, tensor]) => ({
    name,
    shape: tensor.shape,
    read: async () => await engine.read(tensor) as Float32Array<ArrayBuffer>,
  }));
  await savePretrained(directory, { ...options, config: model.config, tensors });
}
