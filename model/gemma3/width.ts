import type { Gemma3Config } from "../config/mod.ts";

/** The sizes that decide how wide an activation is. */
export type Widths = Pick<Gemma3Config, "numAttentionHeads" | "headDim" | "hiddenSize" | "intermediateSize">;

/**
 * Numbers that the widest activation holds for one token: queries of all heads, the stream, or the inside of the MLP.
 * Logits are computed a chunk at a time and attention scores never stand in memory, so neither counts.
 */
export function widestActivation(
  { numAttentionHeads, headDim, hiddenSize, intermediateSize }: Widths,
): number {
  return Math.max(numAttentionHeads * headDim, hiddenSize, intermediateSize);
}
