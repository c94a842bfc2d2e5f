import { dirname, join } from "node:path";
import { type Engine, UsageError } from "../engine/mod.ts";
import {
  makeDirectory,
  makeSubdirectory,
  moveFile,
  removeFile,
  removeLeftovers,
} from "../model/files/mod.ts";
import { saveGemma3 } from "../model/gemma3/mod.ts";
import { openCheckpoints } from "../train/checkpoint/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { longestRow, type Row, splitRows } from "../train/data/mod.ts";
import { heal, type HealSummary } from "../train/heal.ts";
import { openLog, type Validation } from "../train/log.ts";
import { needsTeacher } from "../train/losses/mod.ts";
import { rowsSha256, sha256Of } from "./fingerprint.ts";
import { holdFile } from "./hold.ts";
import {
  configuredRows,
  loadOpened,
  openSource,
  padIdOf,
  type Source,
  teacherHeld,
  tokenizerToWrite,
} from "./inputs.ts";
import { recordKernels, restoreKernels } from "./kernels.ts";
import { perplexityOf, validated, validationOf } from "./perplexity.ts";
import { writtenDtype } from "./prune.ts";
import { type Reporter, stepProgress } from "./reporter.ts";
import { readyToTrain } from "./ready.ts";
import { modelSha256, trainingInputs } from "./training_inputs.ts";
import { requireSameSize, requireSameSpelling } from "./vocabulary.ts";

/** What the `train` command did; `validation` is undefined where `data.validation` is 0. */
export interface TrainResult extends HealSummary {
  readonly validation: Validation | undefined;
}

/** What stands beside a model that is being trained, until it is complete. */
const logBeside = (out: string): string => `${out}.log.jsonl`;
const checkpointsBeside = (out: string): string => `${out}.checkpoints`;

/** Refuses rows of which none has a token to predict. */
export function requireTargets(rows: readonly Row[]): void {
  if (rows.some((row) => row.length > 1)) return;
  throw new UsageError("Cannot train: no row has a second token to predict; give rows of two tokens or more");
}

/**
 * The `train` command: the rows of the data, but for a validation share, heal the student, which is written with its
 * log. Until then, and after a failure, log and checkpoints stand beside it.
 *
 * @param resume whether to go on where the same training was stopped: the outcome is the same, bit for bit
 */
export async function runTrain(
  openEngine: () => Promise<Engine>,
  student: string,
  out: string,
  config: Config,
  reporter: Reporter,
  resume = false,
): Promise<TrainResult> {
  const source = await openSource(student, config, reporter);
  try {
    const models = { openEngine, source, out, config, reporter, resume };
    if (!needsTeacher(config.loss)) return await train({ ...models, teacher: undefined });
    const teacher = await openSource(config.teacher!, config, reporter);
    try {
      requireSameSize(teacher, source);
      return await train({ ...models, teacher });
    } finally {
      teacher.opened.weights.close();
    }
  } finally {
    source.opened.weights.close();
  }
}

/** What {@link runTrain} is asked for, its models opened. */
interface TrainJob {
  readonly openEngine: () => Promise<Engine>;
  readonly source: Source;
  readonly teacher: Source | undefined;
  readonly out: string;
  readonly config: Config;
  readonly reporter: Reporter;
  readonly resume: boolean;
}

async function train(job: TrainJob): Promise<TrainResult> {
  const { openEngine, source, teacher, out, config, reporter, resume } = job;
  const { opened } = source, padId = padIdOf(source), directory = checkpointsBeside(out);
  const rows = await configuredRows(config, source, reporter);
  const positions = Math.max(longestRow(rows), config.train.padding === "left" ? config.data.max_length : 0);
  if (teacher) requireSameSpelling(teacher, source, rows);
  const split = splitRows(rows, config.data.validation, config.seed);
  requireTargets(split.train);
  const engine = await openEngine();
  const held = teacher && teacherHeld(config, teacher.opened, reporter.note);
  const models = { teacher: teacher?.opened.config, student: opened.config, teacherHeld: held };
  const planned = { training: split.train, heldOut: split.validation, positions, tasks: [] };
  const chosen = resume && await restoreKernels(engine, directory, out);
  await readyToTrain(engine, models, config, planned, false, reporter, !chosen);
  await makeDirectory(dirname(out));
  using _lock = await holdFile(`${out}.lock`, out);
  const model = await loadOpened(engine, opened, { label: "student", positions, differentiable: true });
  const loadedTeacher = teacher &&
    await loadOpened(engine, teacher.opened, { label: "teacher", positions, held });
  if (!resume) await removeFile(directory); // of a training whose log was removed
  await makeSubdirectory(directory);
  await removeLeftovers(directory);
  await recordKernels(engine, directory);
  const store = openCheckpoints({
    ...{ directory, name: "student", kept: config.train.checkpoints_kept, note: reporter.note },
    belongs: sha256Of([
      await modelSha256(opened),
      trainingInputs({
        teacher: teacher && `${await modelSha256(teacher.opened)} ${held}`,
        ...{ training: rowsSha256(split.train), heldOut: rowsSha256(split.validation), padId },
      }, config),
    ]),
  });
  const from = resume ? await store.latest() : undefined;
  if (from) reporter.note(`train: goes on after step ${from.progress.steps}, from ${from.path}`);
  const logPath = logBeside(out), log = openLog(logPath, from?.attached.log);
  const heldOut = split.validation.length > 0
    ? () => perplexityOf(engine, model, "student", split.validation, config, padId, reporter)
    : undefined;
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
        reporter.update(stepProgress(record, totalSteps));
      },
      onWarning: reporter.note,
      ...(heldOut && validated(heldOut, log)),
      checkpoints: {
        ...{ store, every: config.train.checkpoint_every, from },
        attached: () => ({ log: log.text(), warnings: [] }),
      },
    }).finally(() => log.close());
    const validation = heldOut && validationOf(await heldOut());
    reporter.signal.throwIfAborted();
    await saveGemma3(engine, model, out, {
      dtype: writtenDtype(config, opened.storedDtype),
      tokenizerDir: tokenizerToWrite(source, reporter.note),
      generationConfig: opened.generationConfig,
      replace: resume,
    });
    await moveFile(logPath, join(out, "log.jsonl"));
    await removeFile(directory);
    return { ...summary, validation };
  } catch (error) {
    if (log.text() === "") {
      await removeFile(logPath);
      await removeFile(directory);
    } else {
      reporter.note(`The log of the steps so far is in ${logPath}; --resume goes on from ${directory}`);
    }
    throw error;
  }
}
