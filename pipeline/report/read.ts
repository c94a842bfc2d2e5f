/** What a report is made of: a run's results and the logs of its trainings. */
import { basename, join, resolve } from "node:path";
import { DataError } from "../../engine/mod.ts";
import { isFile, readText } from "../../model/files/mod.ts";
import type { StepRecord, ValidationRecord } from "../../train/log.ts";
import { RUN_FILES } from "../run_files.ts";
import { readResults, type Results } from "../results.ts";
import { type HeldOut, heldOutEstimates } from "./held_out.ts";

/** What the log of a training tells. */
export interface TrainingLog {
  readonly steps: readonly StepRecord[];
  readonly validations: readonly ValidationRecord[];
}

/** A finished run. */
export interface RunRecord {
  /** Name of its directory. */
  readonly name: string;
  readonly results: Results;
  /** What {@link results} say of the held-out rows, with intervals. */
  readonly heldOut: HeldOut;
  readonly logs: { readonly student: TrainingLog; readonly control: TrainingLog | undefined };
}

/**
 * Reads a finished run.
 *
 * @param run its directory
 * @throws {DataError} where it is no run, of another version, or lacks a log or a line of it
 */
export async function readRun(run: string): Promise<RunRecord> {
  const path = join(run, RUN_FILES.results);
  if (!await isFile(path)) {
    throw new DataError(
      `Cannot report on ${run}: it has no ${RUN_FILES.results}; name the directory of a run that "distill" finished`,
      { path: run },
    );
  }
  const results = await readResults(run);
  const log = (name: string) => readLog(join(run, name));
  return {
    name: basename(resolve(run)),
    results,
    heldOut: heldOutEstimates(results),
    logs: {
      student: await log(RUN_FILES.log),
      control: results.control ? await log(RUN_FILES.controlLog) : undefined,
    },
  };
}

async function readLog(path: string): Promise<TrainingLog> {
  if (!await isFile(path)) {
    throw new DataError(
      `Cannot draw the training: ${path} is missing; put the log back, or run distill again with the run's ` +
        `${RUN_FILES.config} as --preset`,
      { path },
    );
  }
  return parseLog(await readText(path), path);
}

/**
 * A training's log from its JSON lines.
 *
 * @param path for messages
 * @throws {DataError} that names the first line which is neither a step nor a validation
 */
export function parseLog(text: string, path: string): TrainingLog {
  const steps: StepRecord[] = [], validations: ValidationRecord[] = [];
  for (const [i, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const record = parseLine(line);
    if (record && "losses" in record) steps.push(record);
    else if (record) validations.push(record);
    else {
      throw new DataError(
        `Cannot read ${path}: line ${
          i + 1
        } is neither a step nor a validation of a training; remove the line`,
        { path, line: i + 1 },
      );
    }
  }
  if (steps.length === 0) {
    throw new DataError(
      `Cannot draw the training: ${path} has no step; put the log of the run in its place`,
      {
        path,
      },
    );
  }
  return { steps, validations };
}

/** A record whose numbers are there, or nothing. A value that was not finite is a string in the log. */
function parseLine(line: string): StepRecord | ValidationRecord | undefined {
  try {
    const record = JSON.parse(line);
    const numbers = record.losses
      ? [record.step, ...Object.values(record.losses)]
      : [record.step, record.validation.cross_entropy];
    return numbers.every((value) => typeof value === "number") ? record : undefined;
  } catch {
    return undefined;
  }
}
