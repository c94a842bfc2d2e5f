import type { LayerType } from "../config/mod.ts";
import type { Importance } from "./importance.ts";
import { leastImportantKeepingPattern } from "./keep_pattern.ts";
import { leastImportant } from "./select.ts";

/** How many blocks go, and what of the rest must hold; the keys of `prune` in a configuration. */
export interface ChoiceRule {
  readonly count: number;
  /** Every survivor keeps a place where Gemma 3's pattern has its attention type. */
  readonly keep_pattern: boolean;
}

/**
 * The blocks to remove by importance, the least important first.
 *
 * @param layerTypes attention type of each block
 * @throws {UsageError} as {@linkcode leastImportant} and {@linkcode leastImportantKeepingPattern}.
 */
export function blocksToDrop(
  { scores, order }: Pick<Importance, "scores" | "order">,
  layerTypes: readonly LayerType[],
  { count, keep_pattern: keepPattern }: ChoiceRule,
): number[] {
  const least = leastImportant(order, count);
  return keepPattern ? leastImportantKeepingPattern(scores, layerTypes, count) : least;
}
