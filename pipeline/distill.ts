/**
 * The whole job, stage by stage: importance, pruning, healing, a control healed by cross-entropy alone; perplexity, samples
 * and tasks of the four models, compared; export.
 */
import { join } from "node:path";
import type { Engine } from "../engine/mod.ts";
import { perplexityRetention } from "../eval/statistics/mod.ts";
import { isDirectory, removeFile, sha256Tree, writeJsonAtomic } from "../model/files/mod.ts";
import { pruneModel } from "../model/pruning/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { splitRows } from "../train/data/mod.ts";
import { needsTeacher } from "../train/losses/mod.ts";
import { CARD, writeCard } from "./card/mod.ts";
import { controlConfig } from "./control.ts";
import { configuredTasks } from "./distill/tasks.ts";
import { chooseBlocks, teacherOf } from "./distill/teacher.ts";
import { recordedOrigins, recordOrigins } from "./distill/origins.ts";
import { comparisonsOf } from "./distill/compare.ts";
import { healStudent, studentOf } from "./distill/heal.ts";
import { identityOf } from "./distill/identity.ts";
import { recordKernels, restoreKernels } from "./kernels.ts";
import { openRunDirectory } from "./distill/run_directory.ts";
import { requireSameSettings } from "./distill/settings.ts";
import { keep, keyOf } from "./distill/stages.ts";
import { RUN_FILES } from "./run_files.ts";
import { type Job, stage } from "./distill/job.ts";
import { measureModel, measureStages } from "./distill/measure.ts";
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

/** How a run is begun or gone on with. */
export interface DistillOptions {
  /** Whether the directory may hold a run that was stopped: what stands of it is not done again. */
  readonly resume?: boolean;
  /** What another run whose configuration differs in `loss` and `train` alone has measured. */
  readonly known?: Measured | undefined;
}

/**
 * Runs the pipeline into the directory `run`: configuration, logs, models, results.json. The directory is new, or with
 * `resume` that of a run which was stopped at any moment: the outcome is then the same, bit for bit.
 *
 * @throws {UsageError} for a run that another process is at, that exists and shall not be resumed, or that was begun with
 * other settings, with other kernels or on another adapter
 */
export async function runDistill(
  openEngine: () => Promise<Engine>,
  config: Config,
  run: string,
  reporter: Reporter,
  { resume = false, known }: DistillOptions = {},
): Promise<Results> {
  using begun = resume && await isDirectory(run) ? await openRunDirectory(run, resume, reporter) : undefined;
  if (begun?.begun) await requireSameSettings(run, config);
  const source = await openSource(config.teacher!, config, reporter, {
    pinned: begun?.begun ? await recordedOrigins(run) : {},
  });
  try {
    const ready = await prepare(openEngine, config, source, run, begun?.begun ?? false, reporter);
    using made = begun ? undefined : await openRunDirectory(run, resume, reporter);
    try {
      return await distill({ ...ready, directory: begun ?? made! }, known);
    } catch (error) {
      reporter.note(`What the run wrote before it stopped is in ${run}; --resume goes on with it`);
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
  begun: boolean,
  reporter: Reporter,
): Promise<Omit<Job, "directory">> {
  const { opened } = source, seconds: Record<string, number> = {};
  const { rows: all, files } = await stage(
    { reporter, seconds },
    "data",
    () => configuredData(config, source, reporter),
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
  const identity = await identityOf(source, held, config, rows);
  const engine = await openEngine();
  const chosen = begun && await restoreKernels(engine, run);
  const { stages: memory, step, control } = await readyToTrain(
    engine,
    models,
    config,
    rows,
    true,
    reporter,
    !chosen,
  );
  const padId = padIdOf(source);
  return {
    ...{ engine, config, source, held, rows, files, padId, run, reporter, seconds, memory },
    ...{ identity, done: [], stepFlops: { student: step.flops, control: control?.flops ?? 0 } },
  };
}

async function distill(job: Job, known: Measured | undefined): Promise<Results> {
  const { engine, config, source, run, reporter, identity } = job,
    learnsFrom = needsTeacher(config.loss);
  await recordKernels(engine, run);
  await writeJsonAtomic(join(run, RUN_FILES.config), config);
  await recordOrigins(run, source.origins);
  const teacher = teacherOf(job);
  const { importance, drop } = known ?? await chooseBlocks(job, teacher);
  const teacherResult = known?.teacher ??
    await measureModel(job, measureStages(job, teacher.get, "teacher", identity.teacher));

  const pruned = pruneModel(source.opened, drop), student = studentOf(job, pruned, "student");
  const key = keyOf({ name: "prune", inputs: [identity.teacher, drop] });
  const prunedResult = known?.pruned ??
    await measureModel(job, measureStages(job, student.get, "pruned", key));
  if (!learnsFrom) teacher.release();
  const healed = await healStudent(job, config, student, learnsFrom ? teacher : undefined, "student", key);
  teacher.release();

  const alone = controlConfig(config);
  const control = alone &&
    await healStudent(job, alone, studentOf(job, pruned, "control"), undefined, "control", key);
  if (config.train.control && !control) {
    reporter.note("There is no control: the student itself learned from cross-entropy alone");
  }
  return await finish(job, {
    ...{ importance, drop, teacher: teacherResult, pruned: prunedResult },
    ...{ student: healed.result, control: control?.result ?? null },
    training: { student: healed.training, control: control?.training ?? null },
  });
}

/** What the stages before have measured. */
type Found = Pick<
  Results,
  "importance" | "drop" | "teacher" | "pruned" | "student" | "control" | "training"
>;

/** Results, card and report. */
async function finish(job: Job, found: Found): Promise<Results> {
  const { engine, config, source, run, memory, seconds, files, done } = job,
    { teacher, pruned, student } = found;
  const hub = hubOf(source);
  const before = { name: "results", inputs: [RESULTS_VERSION, config, hub, files, memory, found, [...done]] };
  const results = await keep(job, {
    ...before,
    outputs: [RUN_FILES.results],
    work: async () => {
      const results: Results = {
        version: RESULTS_VERSION,
        config,
        environment: environmentOf(engine),
        ...hub,
        data: dataOf(job),
        ...found,
        perplexity_retention: perplexityRetention({
          teacher: teacher.perplexity,
          student: student.perplexity,
        }),
        recovery: recovery(teacher.cross_entropy, pruned.cross_entropy, student.cross_entropy),
        comparisons: comparisonsOf(found),
        seconds: { ...seconds },
        memory,
      };
      await writeJsonAtomic(join(run, RUN_FILES.results), results);
      return results;
    },
  });
  const inputs = [keyOf(before), await sha256Tree(join(run, RUN_FILES.results))];
  const card = join(RUN_FILES.student, CARD), report = [RUN_FILES.report, RUN_FILES.pictures];
  await keep(job, { name: "card", inputs, outputs: [card], work: () => writeCard(run) });
  await keep(job, { name: "report", inputs, outputs: report, work: () => writeReport(run).then(() => null) });
  await removeFile(join(run, RUN_FILES.checkpoints));
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
