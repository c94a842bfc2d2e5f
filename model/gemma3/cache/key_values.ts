import { createTensor, type Tensor } from "../../../engine/mod.ts";
import type { Gemma3Config } from "../../config/mod.ts";

/** Keys (after rope) and values of one block, each f32 [rows, S, kv_heads, head_dim]. */
export interface KeyValues {
  readonly keys: Tensor;
  readonly values: Tensor;
}

/** Declares the keys and values of every block for `rows` sequences of up to `positions` tokens. */
export function createKeyValues(
  { numHiddenLayers, numKeyValueHeads, headDim }: Gemma3Config,
  rows: number,
  positions: number,
): KeyValues[] {
  const shape = [rows, positions, numKeyValueHeads, headDim];
  return Array.from({ length: numHiddenLayers }, (_, layer) => ({
    keys: createTensor(`keys ${layer}`, "state", shape),
    values: createTensor(`values ${layer}`, "state", shape),
  }));
}
