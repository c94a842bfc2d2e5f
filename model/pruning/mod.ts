/** Depth pruning: which blocks matter, and a model without those that do not. */
export { type PrunedModel, pruneModel } from "./apply.ts";
export type { ImportanceBatch } from "./batch.ts";
export { rowProductsEntry } from "./cosine/mod.ts";
export { recordBlockProducts } from "./block_products.ts";
export { IMPORTANCE_METHODS, type ImportanceMethod } from "./definitions.ts";
export {
  type Importance,
  type ImportanceOptions,
  type ImportanceProgress,
  measureImportance,
} from "./importance.ts";
export { blocksToDrop, type ChoiceRule } from "./choose.ts";
export { leastImportantKeepingPattern } from "./keep_pattern.ts";
export { ascending, leastImportant } from "./select.ts";
