import { DeviceError, type Entry, openEngine } from "../../engine/mod.ts";
import type { HeldDtype } from "../../model/gemma3/mod.ts";
import { presets } from "../../train/config/mod.ts";
import { benchLadder, LADDER_SIZES, type LadderSize } from "../ladder.ts";
import type { Machine } from "../machine.ts";
import type { Effort } from "../measure.ts";
import { planMemory } from "../memory.ts";
import { GEMMA_270M, type Pair, PEBBLE } from "../models.ts";
import { benchReal } from "../real/real.ts";
import { ALL_OPS } from "../registry.ts";
import type { Limits, Row } from "../report.ts";
import { randomWeights } from "../training/weights.ts";
import { type Walk, walkOps } from "./walk.ts";

/** How much of a GPU's machine to measure. */
export interface Sizes {
  /** Ops to hold against their definitions. */
  readonly ops: readonly Entry[];
  /** Presets whose memory is planned. */
  readonly presets: readonly string[];
  readonly ladder: readonly LadderSize[];
  readonly pair: Pair;
  /** Rows of the micro-batch to try, until memory holds them, and tokens of a row. */
  readonly rows: readonly number[];
  readonly length: number;
  /** Whole steps after the first. */
  readonly steps: number;
  /** Whether the step is that of the published recipe, so that the recipe can be projected from it. */
  readonly recipe: boolean;
}

/** The recipe's own shape. */
export const FULL: Sizes = {
  ops: ALL_OPS,
  presets: Object.keys(presets),
  ladder: LADDER_SIZES,
  pair: GEMMA_270M,
  rows: [16, 8, 4, 2, 1],
  length: 512,
  steps: 5,
  recipe: true,
};
/** A small model and small products: to see that everything works. */
export const QUICK: Sizes = {
  ...FULL,
  ladder: [{ M: 64, N: 64, K: 64 }],
  pair: PEBBLE,
  rows: [4],
  length: 32,
  steps: 1,
  recipe: false,
};

/** Everything that goes into the report. */
export interface Measured {
  readonly machine: Machine;
  readonly limits: Limits;
  /** With subgroups where the adapter has them, and without. */
  readonly walks: readonly Walk[];
  readonly ladder: readonly Row[];
  readonly memory: readonly Row[];
  /**
   * The step, all its dispatches, the longest groups, then the same with the teacher's matrices in bf16; empty where no size
   * fits.
   */
  readonly step: readonly Row[];
  /** Tokens of the step. */
  readonly tokens: number;
  /** See {@link Sizes.recipe}. */
  readonly recipe: boolean;
  /** Seconds of each part. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** What {@link measureGpu} is given: an open device whose limits are known. */
export interface Given {
  readonly engine: Awaited<ReturnType<typeof openEngine>>;
  readonly limits: Limits;
  readonly machine: Machine;
  readonly effort: Effort;
}

/** Walks, ladder, plans and a step, one after the other; `note` hears which is next. */
export async function measureGpu(
  { engine, limits, machine, effort }: Given,
  sizes: Sizes,
  note: (text: string) => void,
): Promise<Measured> {
  const seconds: Record<string, number> = {};
  const timed = async <T>(part: string, work: () => Promise<T>): Promise<T> => {
    note(part);
    const started = performance.now(), result = await work();
    seconds[part] = (performance.now() - started) / 1000;
    return result;
  };
  const walks = await timed("correctness of every op", async () => [
    await walkOps(engine, sizes.ops),
    ...(engine.target.subgroupSize > 0 ? [await walkWithoutSubgroups(sizes)] : []),
  ]);
  const ladder = await timed("ladder", () => benchLadder(engine, sizes.ladder, effort));
  const memory = await timed("memory", () => planMemory(engine.target, [], note, sizes.presets));
  const { rows: step, tokens } = await timed("step", () => largestStep(limits, sizes, note));
  return { machine, limits, walks, ladder, memory, step, tokens, recipe: sizes.recipe, seconds };
}

async function walkWithoutSubgroups({ ops }: Sizes): Promise<Walk> {
  const engine = await openEngine({ subgroups: false });
  try {
    return await walkOps(engine, ops);
  } finally {
    engine.close();
  }
}

/**
 * Measures the step with as many rows as memory holds, then the same with the teacher's matrices in 16 bits. Each try has a
 * device of its own, as one that is out of memory may be lost.
 */
async function largestStep(
  limits: Limits,
  sizes: Sizes,
  note: (text: string) => void,
): Promise<{ rows: Row[]; tokens: number }> {
  for (const B of sizes.rows) {
    try {
      const single = await step(B, "f32");
      return { rows: [...single, ...await step(B, "bf16")], tokens: B * sizes.length };
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      note(`${B} x ${sizes.length} tokens do not work here: ${error.message}`);
    }
  }
  return { rows: [], tokens: 0 };

  async function step(B: number, held: HeldDtype): Promise<Row[]> {
    const { pair: { config, drop }, length: T, steps } = sizes, engine = await openEngine();
    try {
      return await benchReal(
        engine,
        limits,
        {
          ...{ config, weights: randomWeights(config, 1), name: "random weights", held },
          ...{ B, T, steps, count: drop.length, rate: 4e-5 },
        },
        note,
      );
    } finally {
      engine.close();
    }
  }
}
