import { modelTensors, parseConfig, type TensorSpec } from "../../model/config/mod.ts";
import type { TensorToWrite } from "../../model/weights/mod.ts";
import { tinyJson } from "./configs.ts";

/** Values that differ from tensor to tensor and are exact in bfloat16: multiples of 1/8 below 8. */
export function tinyValues({ name, shape }: TensorSpec): Float32Array<ArrayBuffer> {
  const count = shape.reduce((product, size) => product * size, 1);
  return Float32Array.from({ length: count }, (_, i) => (i * 7 + name.length * 3) % 61 / 8 - 3);
}

/** A tiny configuration and all its tensors. */
export function tinyModel(layers = 2, changes: Record<string, unknown> = {}) {
  const config = parseConfig(tinyJson(layers, changes), "config.json");
  const tensors: TensorToWrite[] = modelTensors(config).map((spec) => ({
    ...spec,
    read: () => Promise.resolve(tinyValues(spec)),
  }));
  return { config, tensors };
}
