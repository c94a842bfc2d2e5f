/** The cells of a study: a method with a seed, each a run in a directory of its own. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { kernelsFingerprint, UsageError } from "../../engine/mod.ts";
import { isFile } from "../../model/files/mod.ts";
import { type Config, type PartialConfig, resolveConfig } from "../../train/config/mod.ts";
import { RUN_FILES } from "../run_files.ts";
import { readResults, type Results, RESULTS_VERSION } from "../results.ts";
import type { StudyDefinition } from "./definition.ts";

/** A method with a seed. */
export interface Cell {
  readonly method: string;
  readonly seed: number;
  readonly config: Config;
  /** Name of its directory: method, seed and the key of all that the result depends on. */
  readonly name: string;
}

/** Where the configuration of all cells comes from, beside the study's definition. */
export interface StudySources {
  /** What flags say, such as `{ teacher: "gemma-3-270m" }`. */
  readonly flags?: PartialConfig;
  /** Texts of `--set key=value`. */
  readonly set?: readonly string[];
}

/**
 * All cells, seed by seed, the methods in the order of the definition. A cell trains no control of its own: the method
 * with cross-entropy alone is one for all.
 *
 * @throws {UsageError} as `resolveConfig`, naming the method; and for methods that are measured on other rows or items than
 * the first, as they cannot be paired
 */
export async function cellsOf(
  { preset, settings, methods, seeds }: StudyDefinition,
  { flags = {}, set = [] }: StudySources,
): Promise<Cell[]> {
  const cells: Cell[] = [];
  for (const seed of seeds) {
    for (const [method, own] of Object.entries(methods)) {
      const config = await resolveConfig({
        command: { train: { control: false } },
        preset,
        layers: [
          { source: "the study's settings", content: settings },
          { source: `method ${method}`, content: own },
        ],
        flags: { ...flags, seed },
        set,
      });
      cells.push({ method, seed, config, name: `${slug(method)}-seed${seed}-${keyOf(config)}` });
    }
  }
  requireSameMeasures(cells);
  return cells;
}

/** Groups of keys that say what a model is measured on: the split of the rows, and the tasks. */
const MEASURED_ON = ["data", "evaluate"] as const;

function requireSameMeasures(cells: readonly Cell[]): void {
  const first = cells[0]!;
  for (const { method, config } of cells) {
    const other = MEASURED_ON.find((key) =>
      JSON.stringify(config[key]) !== JSON.stringify(first.config[key])
    );
    if (!other) continue;
    throw new UsageError(
      `Cannot compare the methods ${first.method} and ${method}: they differ in ${other}, so they are measured on ` +
        `other rows or items; give both the same ${other}`,
    );
  }
}

const slug = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9.]+/g, "-").replaceAll(/^-|-$/g, "");

/** Changes with the configuration, the kernels and the form of results.json. */
function keyOf(config: Config): string {
  const all = JSON.stringify([config, kernelsFingerprint(), RESULTS_VERSION]);
  return createHash("sha256").update(all).digest("hex").slice(0, 12);
}

/** Directory of a cell in that of its study. */
export const cellDirectory = (study: string, { name }: Cell): string => join(study, "cells", name);

/** The results of a cell that is finished; undefined for one that never ran or was stopped. */
export async function finishedResults(study: string, cell: Cell): Promise<Results | undefined> {
  const directory = cellDirectory(study, cell);
  return await isFile(join(directory, RUN_FILES.results)) ? await readResults(directory) : undefined;
}

/** Whether all that is measured before training is the same in both: they differ in `loss` and `train` alone. */
export function samePruning(a: Config, b: Config): boolean {
  const rest = ({ loss: _loss, train: _train, ...rest }: Config) => JSON.stringify(rest);
  return rest(a) === rest(b);
}
