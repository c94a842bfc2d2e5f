/** The whole job, stage by stage: importance, pruning, healing, perplexity and samples of three models, export. */
import { join } from "node:path";
import type { Engine } from "../engine/mod.ts";
import type { Perplexity } from "../eval/perplexity.ts";
import { parameterCount } from "../model/config/mod.ts";
import { makeDirectory, writeFileAtomic } from "../model/files/mod.ts";
import { type Gemma3, loadGemma3, releaseGemma3, saveGemma3 } from "../model/gemma3/mod.ts";
import { type Importance, leastImportant, pruneModel } from "../model/pruning/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { splitRows } from "../train/data/mod.ts";
import { heal } from "../train/heal.ts";
import { openLog } from "../train/log.ts";
import { needsTeacher } from "../train/losses/mod.ts";
import { environmentOf } from "./environment.ts";
import { sampleTexts } from "./generate.ts";
import { importanceOf } from "./importance.ts";
import {
  configuredRows,
  endsOf,
  loadOpened,
  openSource,
  padIdOf,
  type Source,
  teacherHeld,
  tokenizerToWrite,
} from "./inputs.ts";
import { distilledRows } from "./memory_plan.ts";
import { readyToTrain } from "./ready.ts";
import { plannedStudent } from "./step_plan.ts";
import { requireTargets } from "./train.ts";
import { perplexityOf, validationOf } from "./perplexity.ts";
import { writtenDtype } from "./prune.ts";
import { type Reporter, stepProgress } from "./reporter.ts";
import { type ModelResult, recovery, type Results, RESULTS_VERSION } from "./results.ts";

/** Files of a run. */
const RUN_FILES = {
  config: "config.resolved.json",
  log: "log.jsonl",
  results: "results.json",
  student: "student",
} as const;

/** Runs the pipeline into the new directory `run`: configuration, log, student, results.json. */
export async function runDistill(
  openEngine: () => Promise<Engine>,
  config: Config,
  run: string,
  reporter: Reporter,
): Promise<Results> {
  const source = await openSource(config.teacher!, config, reporter.note);
  try {
    return await distill(openEngine, config, source, run, reporter);
  } finally {
    source.opened.weights.close();
  }
}

async function distill(
  openEngine: () => Promise<Engine>,
  config: Config,
  source: Source,
  run: string,
  reporter: Reporter,
): Promise<Results> {
  const { opened, tokenizer } = source, padId = padIdOf(source), eosTokenId = endsOf(source);
  const sampling = {
    maxNewTokens: config.sample.max_new_tokens,
    ...(eosTokenId !== undefined && { eosTokenId }),
  };
  const seconds: Record<string, number> = {};
  const stage = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    reporter.signal.throwIfAborted();
    const started = performance.now();
    const result = await work();
    seconds[name] = (performance.now() - started) / 1000;
    return result;
  };
  const measure = (model: Gemma3, name: string) => stage(`evaluate ${name}`, () => measured(model, name));

  const rows = await stage("data", () => configuredRows(config, source));
  const split = splitRows(rows, config.data.validation, config.seed);
  const planned = distilledRows(rows, split, config), { positions } = planned;
  requireTargets(split.train);
  // What is refused is refused before anything runs.
  const held = teacherHeld(config, opened, reporter.note);
  const models = {
    teacher: opened.config,
    student: plannedStudent(opened.config, config),
    teacherHeld: held,
  };
  const engine = await openEngine();
  await readyToTrain(engine, models, config, planned, true, reporter);
  await makeDirectory(run);
  try {
    return await stages();
  } catch (error) {
    reporter.note(`What the run wrote before it stopped is in ${run}`);
    throw error;
  }

  async function stages(): Promise<Results> {
    await writeJson(join(run, RUN_FILES.config), config);
    const teacher = await stage(
      "load teacher",
      () =>
        loadOpened(engine, opened, {
          label: "teacher",
          positions,
          held,
        }),
    );
    const importance = config.prune.drop
      ? undefined
      : await stage("importance", () => importanceOf(engine, teacher, split.train, config, padId, reporter));
    const drop = config.prune.drop ?? leastImportant(importance!.order, config.prune.count);
    reporter.note(describeDrop(drop, importance));
    const teacherResult = await measure(teacher, "teacher");

    const pruned = pruneModel(opened, drop);
    const student = await stage(
      "load student",
      () =>
        loadGemma3(engine, pruned.config, pruned.read, { label: "student", positions, differentiable: true }),
    );
    const prunedResult = await measure(student, "pruned");
    if (!needsTeacher(config.loss)) releaseGemma3(engine, teacher);

    const warnings: string[] = [], log = openLog(join(run, RUN_FILES.log));
    const training = await stage("train", () =>
      heal({
        engine,
        student,
        teacher,
        config,
        rows: split.train,
        padId,
        signal: reporter.signal,
        onStep: (record, totalSteps) => {
          log.write(record);
          reporter.update(stepProgress(record, totalSteps));
        },
        onWarning: (warning) => {
          warnings.push(warning);
          reporter.note(warning);
        },
        validate: async () => validationOf(await heldOutPerplexity(student, "student")),
        onValidation: (step, validation) => log.write({ step, validation }),
      })).finally(() => log.close());
    const studentResult = await measure(student, "student");
    await stage("write student", () =>
      saveGemma3(engine, student, join(run, RUN_FILES.student), {
        dtype: writtenDtype(config, opened.storedDtype),
        tokenizerDir: tokenizerToWrite(source, reporter.note),
        generationConfig: opened.generationConfig,
      }));

    const results: Results = {
      version: RESULTS_VERSION,
      config,
      environment: environmentOf(engine),
      data: { training_rows: split.train.length, validation_rows: split.validation.length },
      importance: importance ?? null,
      drop,
      teacher: teacherResult,
      pruned: prunedResult,
      student: studentResult,
      training: {
        steps: training.steps,
        tokens: training.tokens,
        seconds: training.seconds,
        tokens_per_second: training.tokens / training.seconds,
        memory_bytes: training.memoryBytes,
        last_epoch_loss: training.lastEpochLoss,
        warnings,
      },
      perplexity_retention: 100 * teacherResult.perplexity / studentResult.perplexity,
      recovery: recovery(
        teacherResult.cross_entropy,
        prunedResult.cross_entropy,
        studentResult.cross_entropy,
      ),
      seconds,
    };
    await writeJson(join(run, RUN_FILES.results), results);
    return results;
  }

  function heldOutPerplexity(model: Gemma3, name: string): Promise<Perplexity> {
    return perplexityOf(engine, model, name, planned.heldOut, config, padId, reporter);
  }

  async function measured(model: Gemma3, name: string): Promise<ModelResult> {
    const { perplexity, crossEntropy, tokens } = await heldOutPerplexity(model, name);
    const samples = tokenizer
      ? await sampleTexts(engine, model, tokenizer, config.sample.prompts, sampling)
      : [];
    return {
      layers: model.config.numHiddenLayers,
      parameters: parameterCount(model.config),
      perplexity,
      cross_entropy: crossEntropy,
      tokens,
      samples,
    };
  }
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
