import { join } from "node:path";
import { type Gemma3, loadGemma3, saveGemma3 } from "../../model/gemma3/mod.ts";
import type { PrunedModel } from "../../model/pruning/mod.ts";
import { type Checkpoint, openCheckpoints } from "../../train/checkpoint/mod.ts";
import type { Config } from "../../train/config/mod.ts";
import { heal } from "../../train/heal.ts";
import { openLog } from "../../train/log.ts";
import { CARD } from "../card/mod.ts";
import { tokenizerToWrite } from "../inputs.ts";
import { validated } from "../perplexity.ts";
import { writtenDtype } from "../prune.ts";
import { trainingInputs } from "../training_inputs.ts";
import { stepProgress } from "../reporter.ts";
import type { ModelResult, TrainingResult } from "../results.ts";
import { RUN_FILES } from "../run_files.ts";
import { rememberTraining } from "../tuning/rates.ts";
import { type Job, stage } from "./job.ts";
import { heldOutPerplexity, measureModel, measureStages } from "./measure.ts";
import { type OnDevice, onDevice } from "./on_device.ts";
import { keep, type KeptStage, keyOf, standing } from "./stages.ts";

/** A model that was trained, measured and written. */
export interface Healed {
  readonly result: ModelResult;
  readonly training: TrainingResult;
}

/** The pruned model, to be trained, which is put on the device when a stage first needs it. */
export function studentOf(job: Job, pruned: PrunedModel, name: "student" | "control"): OnDevice {
  const { engine, rows: { positions } } = job;
  return onDevice(engine, () =>
    stage(
      job,
      `load ${name}`,
      () => loadGemma3(engine, pruned.config, pruned.read, { label: name, positions, differentiable: true }),
    ));
}

/**
 * Trains a pruned model on the device, measures it, writes it beside its log and gives its memory back; whatever of this
 * an earlier process has done is taken over.
 *
 * @param key of the pruned model
 * @param teacher asked for where the loss of `config` has one
 */
export async function healStudent(
  job: Job,
  config: Config,
  student: OnDevice,
  teacher: OnDevice | undefined,
  name: "student" | "control",
  key: string,
): Promise<Healed> {
  const { engine, source, rows, padId, run, reporter } = job;
  const title = name === "student" ? "train" : "train control";
  const logFile = name === "student" ? RUN_FILES.log : RUN_FILES.controlLog;
  const inputs = [key, trainingInputs({ ...job.identity, padId }, config)],
    identity = keyOf({ name: title, inputs });
  const checkpoints = openCheckpoints({
    ...{ directory: join(run, RUN_FILES.checkpoints), name, belongs: identity, note: reporter.note },
    kept: config.train.checkpoints_kept,
    check: job.directory.check,
  });
  let isTrained = false;

  const measuring = measureStages(job, trainedModel, name, identity);
  const dtype = writtenDtype(config, source.opened.storedDtype);
  const writing: KeptStage<null> = {
    name: `write ${name}`,
    inputs: [identity, dtype],
    outputs: [RUN_FILES[name]],
    owns: (file) => file !== CARD,
    work: async () => {
      await saveGemma3(engine, await trainedModel(), join(run, RUN_FILES[name]), {
        dtype,
        replace: true,
        // The note on a tokenizer that cannot be copied is made once, for the student.
        tokenizerDir: tokenizerToWrite(source, name === "student" ? reporter.note : () => {}),
        generationConfig: source.opened.generationConfig,
      });
      return null;
    },
  };

  const training = await keep(job, {
    ...{ name: title, inputs, outputs: [logFile], work: train },
    usable: async ({ steps }) => await nothingIsLeft() || await checkpointOf(steps) !== undefined,
  });
  const result = await measureModel(job, measuring);
  await keep(job, writing);
  student.release();
  await checkpoints.clear();
  return { result, training };

  /** Whether no stage after the training needs the trained model on the device. */
  async function nothingIsLeft(): Promise<boolean> {
    const after = [measuring.evaluation, measuring.tasks, writing];
    for (const stage of after) if (stage && !await standing(job, stage as KeptStage<unknown>)) return false;
    return true;
  }

  /** The checkpoint that a training of so many steps ended with. */
  async function checkpointOf(steps: number): Promise<Checkpoint | undefined> {
    const last = await checkpoints.latest();
    return last?.progress.steps === steps ? last : undefined;
  }

  async function trainedModel(): Promise<Gemma3> {
    const model = await student.get();
    if (!isTrained) {
      await (await checkpointOf(training.steps))!.load(engine, { parameters: model.parameters });
    }
    isTrained = true;
    return model;
  }

  async function train(earlier: (seconds: number) => void): Promise<TrainingResult> {
    const from = await checkpoints.latest();
    if (from) {
      reporter.note(`${title}: goes on after step ${from.progress.steps}, from ${from.path}`);
      earlier(from.progress.seconds);
    }
    const model = await student.get(), warnings = [...from?.attached.warnings ?? []];
    const log = openLog(join(run, logFile), from?.attached.log);
    try {
      const { steps, tokens, seconds, memoryBytes, lastEpochLoss } = await heal({
        ...{ engine, config, rows: rows.training, padId, signal: reporter.signal },
        student: model,
        teacher: await teacher?.get(),
        onStep: (record, totalSteps) => {
          log.write(record);
          reporter.update(stepProgress(record, totalSteps, title));
        },
        onWarning: (warning) => {
          warnings.push(warning);
          reporter.note(warning);
        },
        ...validated(() => heldOutPerplexity(job, model, name), log),
        checkpoints: {
          ...{ store: checkpoints, every: config.train.checkpoint_every, from },
          attached: () => ({ log: log.text(), warnings }),
        },
      });
      isTrained = true;
      await rememberTraining(engine, model.config, job.stepFlops[name] * steps, seconds);
      return {
        ...{ steps, tokens, seconds, tokens_per_second: tokens / seconds },
        ...{ memory_bytes: memoryBytes, last_epoch_loss: lastEpochLoss, warnings },
      };
    } finally {
      log.close();
    }
  }
}
