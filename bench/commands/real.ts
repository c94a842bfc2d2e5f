import { Option } from "@commander-js/extra-typings";
import type { Engine } from "../../engine/mod.ts";
import { openModel } from "../../model/weights/mod.ts";
import { GEMMA_270M } from "../models.ts";
import { findModel } from "../real/find_model.ts";
import { benchReal, type RealOptions } from "../real/real.ts";
import type { Limits, Row } from "../report.ts";
import { randomWeights } from "../training/weights.ts";
import { withFlags } from "./define.ts";
import { count } from "./options.ts";

/** What `bench real` can be told; two rows of 512 tokens fit in 12 GiB. */
export interface RealFlags {
  readonly model?: string;
  readonly rows: number;
  readonly length: number;
  readonly steps: number;
  readonly teacherDtype: "float32" | "bfloat16";
}

/** Of the published recipe: blocks removed and learning rate. */
const RECIPE = { count: 4, rate: 4e-5 };

/** `bench real`. */
export const real = withFlags<RealFlags>({ rows: 2, length: 512, steps: 1, teacherDtype: "float32" }, {
  name: "real",
  description:
    "google/gemma-3-270m whole: importance, pruning, optimizer steps at sequence 512; minutes on a CPU",
  examples:
    "./lapidary bench real --out mine\n  ./lapidary bench real --model gemma-3-270m-q4_k_m.gguf --rows 1 --length 64",
  flags: (command) => {
    command
      .option(
        "--model <path>",
        "weights: a directory or .gguf file (default: what tests/real/fetch.py fetched, else random ones of that shape)",
      )
      .option("--rows <n>", "rows of the micro-batch (default: 2)", count)
      .option("--length <n>", "tokens of a row (default: 512)", count)
      .option("--steps <n>", "whole steps to measure after the first (default: 1)", count)
      .addOption(
        new Option(
          "--teacher-dtype <dtype>",
          "how the device holds the teacher's matrices (default: float32)",
        ).choices(["float32", "bfloat16"]),
      );
  },
  async run({ engine, limits, streams, add }, flags) {
    add(await runReal(engine, limits, flags, (text) => streams.stderr(`${text}\n`)));
  },
});

/** Measures the model that the flags name, or that is there, or a random one. */
export async function runReal(
  engine: Engine,
  limits: Limits,
  { model, rows, length, steps, teacherDtype }: RealFlags,
  note: (text: string) => void,
): Promise<Row[]> {
  const held = teacherDtype === "bfloat16" ? "bf16" : "f32";
  const options = { B: rows, T: length, steps, held, ...RECIPE } as const, path = await findModel(model);
  const run = (weights: Pick<RealOptions, "config" | "weights" | "name">) =>
    benchReal(engine, limits, { ...weights, ...options }, note);
  if (path === undefined) {
    const { config } = GEMMA_270M;
    return await run({ config, weights: randomWeights(config, 1), name: "random weights" });
  }
  const { config, weights } = await openModel(path);
  try {
    return await run({ config, weights, name: path.split(/[/\\]/).at(-1)! });
  } finally {
    weights.close();
  }
}
