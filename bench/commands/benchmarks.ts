import { REGISTRY } from "../../engine/mod.ts";
import { LOSS_REGISTRY } from "../../train/losses/mod.ts";
import { pebbleConfig } from "../../train/pretrain.ts";
import { benchLadder, LADDER_SIZES } from "../ladder.ts";
import { benchOps } from "../ops.ts";
import { SHAPES } from "../shapes.ts";
import { benchStep } from "../step.ts";
import type { Session } from "./session.ts";

/** A benchmark without flags of its own. */
export interface Benchmark {
  readonly name: string;
  readonly description: string;
  /** For the help: one command a line. */
  readonly examples: string;
  run(session: Session): Promise<void>;
}

/** Blocks that the Pebble preset's student lacks; which ones does not change the speed. */
const DROPPED = [10, 11, 12, 13];

/** What `bench all` measures, in this order. */
export const BENCHMARKS: readonly Benchmark[] = [
  {
    name: "ops",
    description: "every op of the registry, forward and backward, at shapes of Pebble and gemma-3-270m",
    examples: "./lapidary bench ops --out before",
    run: async ({ engine, effort, add }) =>
      add(await benchOps(engine, [...REGISTRY, ...LOSS_REGISTRY], SHAPES, effort)),
  },
  {
    name: "ladder",
    description: "every variant of the product of matrices in every layout, the naive one first",
    examples: "./lapidary bench ladder --out mine\n  ./lapidary bench ladder --no-subgroups",
    run: async ({ engine, effort, add }) => add(await benchLadder(engine, LADDER_SIZES, effort)),
  },
  {
    name: "step",
    description: "one optimizer step of distillation at Pebble's shape: 16 x 128 tokens, 18 -> 14 blocks",
    examples: "./lapidary bench step --milliseconds 1000",
    run: async ({ engine, limits, effort, add }) =>
      add(
        await benchStep(engine, limits, { config: pebbleConfig(1024), drop: DROPPED, B: 16, T: 128 }, {
          milliseconds: 10 * effort.milliseconds,
          minimum: 5,
        }),
      ),
  },
];
