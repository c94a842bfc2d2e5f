/** What the `program` command shows: the Programs that a run would prepare, as data. */
import {
  DataError,
  type Engine,
  plan,
  PROGRAM_FORMAT,
  type ProgramJson,
  programJson,
} from "../engine/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { planRun } from "./planned_run.ts";
import type { Reporter } from "./reporter.ts";

/** One Program of a run, by its sums. */
export interface ProgramSummary {
  readonly name: string;
  readonly dispatches: number;
  readonly bytes: number;
  readonly flops: number;
  readonly temporary_bytes: number;
}

/** Every Program that a run would prepare, at its largest shape. */
export async function listPrograms(
  openEngine: () => Promise<Engine>,
  config: Config,
  reporter: Reporter,
): Promise<ProgramSummary[]> {
  const { plan: planned } = await planRun(openEngine, config, reporter);
  return planned.programs.map((program) => ({
    name: program === planned.control?.program ? "step of the control" : program.name,
    dispatches: program.dispatches.length,
    bytes: program.dispatches.reduce((sum, { bytes }) => sum + bytes, 0),
    flops: program.dispatches.reduce((sum, { flops }) => sum + flops, 0),
    temporary_bytes: plan(program).sizes.reduce((sum, size) => sum + size, 0),
  }));
}

/** The Program of a run's optimizer step. */
export async function stepProgram(openEngine: () => Promise<Engine>, config: Config, reporter: Reporter) {
  const { plan: { step: { program } } } = await planRun(openEngine, config, reporter);
  return program;
}

/** Reads a Program that `program distill --step --json` wrote. @throws DataError for anything else */
export async function readProgram(path: string): Promise<ProgramJson> {
  const refuse = (problem: string) =>
    new DataError(
      `Cannot compare the Program in ${path}: ${problem}; write one with "lapidary program distill --step --json"`,
      { path },
    );
  let value: unknown;
  try {
    value = JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    throw refuse(error instanceof SyntaxError ? "it is not JSON" : (error as Error).message);
  }
  const format = (value as Partial<ProgramJson> | null)?.format;
  if (format === PROGRAM_FORMAT) return value as ProgramJson;
  throw refuse(
    format === undefined
      ? "it holds no Program"
      : `it says "${format}" and this version reads "${PROGRAM_FORMAT}"`,
  );
}

/** The step of a configuration with its plan, as data. */
export async function stepJson(
  openEngine: () => Promise<Engine>,
  config: Config,
  reporter: Reporter,
): Promise<ProgramJson> {
  const program = await stepProgram(openEngine, config, reporter);
  return programJson(program, plan(program));
}
