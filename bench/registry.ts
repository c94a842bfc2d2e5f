import { type Entry, REGISTRY } from "../engine/mod.ts";
import { extendCacheEntry } from "../model/gemma3/mod.ts";
import { rowProductsEntry } from "../model/pruning/mod.ts";
import { LOSS_REGISTRY } from "../train/losses/mod.ts";

/** Every op of the project with its reference and cases. */
export const ALL_OPS: readonly Entry[] = [...REGISTRY, extendCacheEntry, rowProductsEntry, ...LOSS_REGISTRY];
