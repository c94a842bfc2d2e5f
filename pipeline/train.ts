import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Engine, UsageError } from "../engine/mod.ts";
import { makeDirectory, moveFile } from "../model/files/mod.ts";
import { saveGemma3 } from "../model/gemma3/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { longestRow, type Row, splitRows } from "../train/data/mod.ts";
import { heal, type HealSummary } from "../train/heal.ts";
import { openLog, type Validation } from "../train/log.ts";
import { needsTeacher } from "../train/losses/mod.ts";
import {
  configuredRows,
  loadOpened,
  openSource,
  padIdOf,
  type Source,
  teacherHeld,
  tokenizerToWrite,
} from "./inputs.ts";
import { perplexityOf, validated, validationOf } from "./perplexity.ts";
import { writtenDtype } from "./prune.ts";
import { type Reporter, stepProgress } from "./reporter.ts";
import { readyToTrain } from "./ready.ts";
import { requireSameSize, requireSameSpelling } from "./vocabulary.ts";

/** What the `train` command did; `validation` is undefined where `data.validation` is 0. */
export interface TrainResult extends HealSummary {
  readonly validation: Validation | undefined;
}

/** File that holds the log until the trained model is complete. */
const logBeside = (out: string): string => `${out}.log.jsonl`;

/** Refuses rows of which none has a token to predict. */
export function requireTargets(rows: readonly Row[]): void {
  if (rows.some((row) => row.length > 1)) return;
  throw new UsageError("Cannot train: no row has a second token to predict; give rows of two tokens or more");
}

/**
 * The `train` command: the rows of the data, but for a validation share, heal the student, which is written with its
 * log. Until then, and after a failure, the log stands beside it.
 */
export async function runTrain(
  openEngine: () => Promise<Engine>,
  student: string,
  out: string,
  config: Config,
  reporter: Reporter,
): Promise<TrainResult> {
  const source = await openSource(student, config, reporter);
  try {
    if (!needsTeacher(config.loss)) return await train(openEngine, source, undefined, out, config, reporter);
    const teacher = await openSource(config.teacher!, config, reporter);
    try {
      requireSameSize(teacher, source);
      return await train(openEngine, source, teacher, out, config, reporter);
    } finally {
      teacher.opened.weights.close();
    }
  } finally {
    source.opened.weights.close();
  }
}

async function train(
  openEngine: () => Promise<Engine>,
  source: Source,
  teacher: Source | undefined,
  out: string,
  config: Config,
  reporter: Reporter,
): Promise<TrainResult> {
  const { opened } = source, padId = padIdOf(source);
  const rows = await configuredRows(config, source, reporter);
  const positions = Math.max(longestRow(rows), config.train.padding === "left" ? config.data.max_length : 0);
  if (teacher) requireSameSpelling(teacher, source, rows);
  const split = splitRows(rows, config.data.validation, config.seed);
  requireTargets(split.train);
  const engine = await openEngine();
  const held = teacher && teacherHeld(config, teacher.opened, reporter.note);
  const models = { teacher: teacher?.opened.config, student: opened.config, teacherHeld: held };
  const planned = { training: split.train, heldOut: split.validation, positions, tasks: [] };
  await readyToTrain(engine, models, config, planned, false, reporter);
  const model = await loadOpened(engine, opened, { label: "student", positions, differentiable: true });
  const loadedTeacher = teacher &&
    await loadOpened(engine, teacher.opened, { label: "teacher", positions, held });
  const logPath = logBeside(out);
  await makeDirectory(dirname(logPath));
  const log = openLog(logPath);
  const heldOut = split.validation.length > 0
    ? () => perplexityOf(engine, model, "student", split.validation, config, padId, reporter)
    : undefined;
  let logged = 0;
  try {
    const summary = await heal({
      engine,
      student: model,
      teacher: loadedTeacher,
      config,
      rows: split.train,
      padId,
      signal: reporter.signal,
      onStep: (record, totalSteps) => {
        log.write(record);
        logged++;
        reporter.update(stepProgress(record, totalSteps));
      },
      onWarning: reporter.note,
      ...(heldOut && validated(heldOut, log)),
    }).finally(() => log.close());
    const validation = heldOut && validationOf(await heldOut());
    reporter.signal.throwIfAborted();
    await saveGemma3(engine, model, out, {
      dtype: writtenDtype(config, opened.storedDtype),
      tokenizerDir: tokenizerToWrite(source, reporter.note),
      generationConfig: opened.generationConfig,
    });
    await moveFile(logPath, join(out, "log.jsonl"));
    return { ...summary, validation };
  } catch (error) {
    if (logged > 0) reporter.note(`The log of the steps so far is in ${logPath}`);
    else await rm(logPath, { force: true });
    throw error;
  }
}
