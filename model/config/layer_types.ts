import type { LayerType } from "./types.ts";

/**
 * Layer types where none are listed: layer i is sliding unless i + 1 is a multiple of `pattern`
 * (transformers, modular_gemma3.py).
 */
export function layerTypesByPattern(layers: number, pattern = 6): LayerType[] {
  return Array.from(
    { length: layers },
    (_, i) => (i + 1) % pattern === 0 ? "full_attention" : "sliding_attention",
  );
}
