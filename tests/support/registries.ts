import { type Entry, entry, REGISTRY } from "../../engine/mod.ts";
import { extendCacheEntry } from "../../model/gemma3/cache/mod.ts";
import { rowProductsCases } from "../../model/pruning/cosine/cases.ts";
import { rowProductsOp } from "../../model/pruning/cosine/mod.ts";
import { rowProductsReference } from "../../model/pruning/cosine/reference.ts";
import { LOSS_REGISTRY } from "../../train/losses/mod.ts";

/** Every op of the project with its reference and cases. */
export const ALL_OPS: readonly Entry[] = [
  ...REGISTRY,
  extendCacheEntry,
  entry(rowProductsOp, rowProductsReference, rowProductsCases),
  ...LOSS_REGISTRY,
];
