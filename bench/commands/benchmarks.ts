import { REGISTRY } from "../../engine/mod.ts";
import { LOSS_REGISTRY } from "../../train/losses/mod.ts";
import { benchLadder, LADDER_SIZES } from "../ladder.ts";
import { PEBBLE } from "../models.ts";
import { benchOps } from "../ops.ts";
import { SHAPES } from "../shapes.ts";
import { benchStep } from "../step.ts";
import { loss } from "./loss.ts";
import { memory } from "./memory.ts";
import { real } from "./real.ts";
import type { Benchmark } from "./define.ts";

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
  loss,
  {
    name: "step",
    description: "one optimizer step of distillation at Pebble's shape: 16 x 128 tokens, 12 -> 8 blocks",
    examples: "./lapidary bench step --milliseconds 1000",
    run: async ({ engine, limits, effort, add }) =>
      add(
        await benchStep(engine, limits, { ...PEBBLE, B: 16, T: 128 }, {
          milliseconds: 10 * effort.milliseconds,
          minimum: 5,
        }),
      ),
  },
  memory,
  real,
];
