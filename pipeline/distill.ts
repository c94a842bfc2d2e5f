/**
 * The whole job, stage by stage: importance, pruning, healing, a control healed by cross-entropy alone; perplexity, samples
 * and tasks of the four models, compared; export.
 */
import { join } from "node:path";
import type { Engine } from "../engine/mod.ts";
import { perplexityRetention } from "../eval/statistics/mod.ts";
import { makeDirectory, writeJsonAtomic } from "../model/files/mod.ts";
import { releaseGemma3 } from "../model/gemma3/mod.ts";
import { pruneModel } from "../model/pruning/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { splitRows } from "../train/data/mod.ts";
import { needsTeacher } from "../train/losses/mod.ts";
import { writeCard } from "./card/mod.ts";
import { controlConfig } from "./control.ts";
import { configuredTasks } from "./distill/tasks.ts";
import { chooseBlocks, loadTeacher } from "./distill/teacher.ts";
import { comparisonsOf } from "./distill/compare.ts";
import { healStudent, loadStudent } from "./distill/heal.ts";
import { RUN_FILES } from "./run_files.ts";
import { type Job, stage } from "./distill/job.ts";
import { measureModel } from "./distill/measure.ts";
import { datasetAccess } from "./datasets.ts";
import { environmentOf } from "./environment.ts";
import { documentsSha256, rowsSha256 } from "./fingerprint.ts";
import { configuredData, openSource, padIdOf, type Source, teacherHeld } from "./inputs.ts";
import { distilledRows } from "./memory_plan.ts";
import { readyToTrain } from "./ready.ts";
import { writeReport } from "./report/mod.ts";
import type { Reporter } from "./reporter.ts";
import { type DataResult, recovery, type Results, RESULTS_VERSION } from "./results.ts";
import { plannedStudent } from "./step_plan.ts";
import { requireTargets } from "./train.ts";

/** What is measured before a student learns: the same whatever its loss and its training are. */
export type Measured = Pick<Results, "importance" | "drop" | "teacher" | "pruned">;

/**
 * Runs the pipeline into the new directory `run`: configuration, logs, models, results.json.
 *
 * @param known what another run whose configuration differs in `loss` and `train` alone has measured
 */
export async function runDistill(
  openEngine: () => Promise<Engine>,
  config: Config,
  run: string,
  reporter: Reporter,
  known?: Measured,
): Promise<Results> {
  const source = await openSource(config.teacher!, config, reporter);
  try {
    const job = await prepare(openEngine, config, source, run, reporter);
    await makeDirectory(run);
    try {
      return await distill(job, known);
    } catch (error) {
      reporter.note(`What the run wrote before it stopped is in ${run}`);
      throw error;
    }
  } finally {
    source.opened.weights.close();
  }
}

/** Rows and engine. What is refused is refused here, before anything runs. */
async function prepare(
  openEngine: () => Promise<Engine>,
  config: Config,
  source: Source,
  run: string,
  reporter: Reporter,
): Promise<Job> {
  const { opened } = source, seconds: Record<string, number> = {};
  const { rows: all, files } = await stage(
    { reporter, seconds },
    "data",
    () => configuredData(config, source, datasetAccess(reporter)),
  );
  const tasks = await configuredTasks(config, source, reporter.note, datasetAccess(reporter));
  const rows = distilledRows(all, splitRows(all, config.data.validation, config.seed), config, tasks);
  requireTargets(rows.training);
  const held = teacherHeld(config, opened, reporter.note);
  const models = {
    teacher: opened.config,
    student: plannedStudent(opened.config, config),
    teacherHeld: held,
  };
  const engine = await openEngine();
  const { stages: memory } = await readyToTrain(engine, models, config, rows, true, reporter);
  const padId = padIdOf(source);
  return { engine, config, source, held, rows, files, padId, run, reporter, seconds, memory };
}

async function distill(job: Job, known: Measured | undefined): Promise<Results> {
  const { engine, config, source, run, reporter, seconds } = job,
    learnsFrom = needsTeacher(config.loss);
  await writeJsonAtomic(join(run, RUN_FILES.config), config);
  const teacher = known && !learnsFrom ? undefined : await loadTeacher(job);
  const { importance, drop } = known ?? await chooseBlocks(job, teacher!);
  const teacherResult = known?.teacher ?? await measureModel(job, teacher!, "teacher");

  const pruned = pruneModel(source.opened, drop), student = await loadStudent(job, pruned, "student");
  const prunedResult = known?.pruned ?? await measureModel(job, student, "pruned");
  if (teacher && !learnsFrom) releaseGemma3(engine, teacher);
  const healed = await healStudent(job, config, student, teacher, "student");
  if (teacher && learnsFrom) releaseGemma3(engine, teacher);

  const withoutTeacher = controlConfig(config);
  const control = withoutTeacher && await healStudent(
    job,
    withoutTeacher,
    await loadStudent(job, pruned, "control"),
    undefined,
    "control",
  );
  if (config.train.control && !control) {
    reporter.note("There is no control: the student itself learned from cross-entropy alone");
  }

  const models = {
    teacher: teacherResult,
    pruned: prunedResult,
    student: healed.result,
    control: control?.result ?? null,
  };
  const results: Results = {
    version: RESULTS_VERSION,
    config,
    environment: environmentOf(engine),
    ...hubOf(source),
    data: dataOf(job),
    importance,
    drop,
    ...models,
    training: { student: healed.training, control: control?.training ?? null },
    perplexity_retention: perplexityRetention({
      teacher: teacherResult.perplexity,
      student: healed.result.perplexity,
    }),
    recovery: recovery(
      teacherResult.cross_entropy,
      prunedResult.cross_entropy,
      healed.result.cross_entropy,
    ),
    comparisons: comparisonsOf(models),
    seconds,
    memory: job.memory,
  };
  await writeJsonAtomic(join(run, RUN_FILES.results), results);
  await writeCard(run);
  await writeReport(run);
  return results;
}

function hubOf({ origins: { model: teacher, tokenizer } }: Source): Pick<Results, "hub"> {
  return teacher || tokenizer
    ? { hub: { ...(teacher && { teacher }), ...(tokenizer && { tokenizer }) } }
    : {};
}

function dataOf({ config, rows, files }: Job): DataResult {
  const measured = rows.heldOut.slice(0, config.evaluate.rows ?? undefined);
  return {
    training_rows: rows.training.length,
    validation_rows: config.data.validation === 0 ? 0 : rows.heldOut.length,
    files,
    held_out: { rows: measured.length, sha256: rowsSha256(measured) },
    tasks: Object.fromEntries(rows.tasks.map(({ rows: { task, path, commit, rows } }) => {
      const sha256 = documentsSha256(rows.map(({ document }) => document));
      return [task.name, { path, ...commit !== undefined && { commit }, sha256, rows: rows.length }];
    })),
  };
}
