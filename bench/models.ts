import { type Gemma3Config, GEMMA_3_270M } from "../model/config/mod.ts";
import { pebbleConfig } from "../train/pretrain.ts";

/** A teacher and the blocks that its student lacks; which ones does not change the speed. */
export interface Pair {
  readonly config: Gemma3Config;
  readonly drop: readonly number[];
}

/** Pebble's teacher, of whose 12 blocks the preset removes 4. */
export const PEBBLE: Pair = { config: pebbleConfig(1024), drop: [4, 5, 6, 7] };

/** The shape of google/gemma-3-270m, 268,098,176 parameters, and what the published recipe removes. */
export const GEMMA_270M: Pair = {
  config: GEMMA_3_270M,
  drop: [9, 8, 14, 16],
};
