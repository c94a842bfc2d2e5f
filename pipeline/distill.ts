/**
 * The whole job, stage by stage: importance, pruning, healing, a control healed by cross-entropy alone, perplexity and
 * samples of the four models, export.
 */
import { join } from "node:path";
import type { Engine } from "../engine/mod.ts";
import { makeDirectory, writeFileAtomic } from "../model/files/mod.ts";
import { releaseGemma3 } from "../model/gemma3/mod.ts";
import { type Importance, leastImportant, pruneModel } from "../model/pruning/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { splitRows } from "../train/data/mod.ts";
import { needsTeacher } from "../train/losses/mod.ts";
import { controlConfig } from "./control.ts";
import { healStudent, loadStudent } from "./distill/heal.ts";
import { type Job, RUN_FILES, stage } from "./distill/job.ts";
import { measureModel } from "./distill/measure.ts";
import { environmentOf } from "./environment.ts";
import { importanceOf } from "./importance.ts";
import { configuredRows, loadOpened, openSource, padIdOf, type Source, teacherHeld } from "./inputs.ts";
import { distilledRows } from "./memory_plan.ts";
import { readyToTrain } from "./ready.ts";
import type { Reporter } from "./reporter.ts";
import { recovery, type Results, RESULTS_VERSION } from "./results.ts";
import { plannedStudent } from "./step_plan.ts";
import { requireTargets } from "./train.ts";

/** Runs the pipeline into the new directory `run`: configuration, logs, models, results.json. */
export async function runDistill(
  openEngine: () => Promise<Engine>,
  config: Config,
  run: string,
  reporter: Reporter,
): Promise<Results> {
  const source = await openSource(config.teacher!, config, reporter.note);
  try {
    const job = await prepare(openEngine, config, source, run, reporter);
    await makeDirectory(run);
    try {
      return await distill(job);
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
  const all = await stage({ reporter, seconds }, "data", () => configuredRows(config, source));
  const rows = distilledRows(all, splitRows(all, config.data.validation, config.seed), config);
  requireTargets(rows.training);
  const held = teacherHeld(config, opened, reporter.note);
  const models = {
    teacher: opened.config,
    student: plannedStudent(opened.config, config),
    teacherHeld: held,
  };
  const engine = await openEngine();
  await readyToTrain(engine, models, config, rows, true, reporter);
  return { engine, config, source, held, rows, padId: padIdOf(source), run, reporter, seconds };
}

async function distill(job: Job): Promise<Results> {
  const { engine, config, source, held, rows, padId, run, reporter, seconds } = job, { opened } = source;
  await writeJson(join(run, RUN_FILES.config), config);
  const teacher = await stage(
    job,
    "load teacher",
    () => loadOpened(engine, opened, { label: "teacher", positions: rows.positions, held }),
  );
  const importance = config.prune.drop ? undefined : await stage(
    job,
    "importance",
    () => importanceOf(engine, teacher, rows.training, config, padId, reporter),
  );
  const drop = config.prune.drop ?? leastImportant(importance!.order, config.prune.count);
  reporter.note(describeDrop(drop, importance));
  const teacherResult = await measureModel(job, teacher, "teacher");

  const pruned = pruneModel(opened, drop), student = await loadStudent(job, pruned, "student");
  const prunedResult = await measureModel(job, student, "pruned");
  if (!needsTeacher(config.loss)) releaseGemma3(engine, teacher);
  const healed = await healStudent(job, config, student, teacher, "student");
  if (needsTeacher(config.loss)) releaseGemma3(engine, teacher);

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

  const results: Results = {
    version: RESULTS_VERSION,
    config,
    environment: environmentOf(engine),
    data: {
      training_rows: rows.training.length,
      validation_rows: config.data.validation === 0 ? 0 : rows.heldOut.length,
    },
    importance: importance ?? null,
    drop,
    teacher: teacherResult,
    pruned: prunedResult,
    student: healed.result,
    control: control?.result ?? null,
    training: { student: healed.training, control: control?.training ?? null },
    perplexity_retention: 100 * teacherResult.perplexity / healed.result.perplexity,
    recovery: recovery(
      teacherResult.cross_entropy,
      prunedResult.cross_entropy,
      healed.result.cross_entropy,
    ),
    comparisons: [],
    seconds,
  };
  await writeJson(join(run, RUN_FILES.results), results);
  return results;
}

function describeDrop(drop: readonly number[], importance: Importance | undefined): string {
  return importance
    ? `Least important by ${importance.method}: blocks ${drop.join(", ")} of order ${
      importance.order.join(", ")
    }`
    : `Blocks to remove: ${drop.join(", ")}`;
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, JSON.stringify(value, null, 2) + "\n");
}
