import { join } from "node:path";
import { type Gemma3, loadGemma3, releaseGemma3, saveGemma3 } from "../../model/gemma3/mod.ts";
import type { PrunedModel } from "../../model/pruning/mod.ts";
import type { Config } from "../../train/config/mod.ts";
import { heal } from "../../train/heal.ts";
import { openLog } from "../../train/log.ts";
import { tokenizerToWrite } from "../inputs.ts";
import { validated } from "../perplexity.ts";
import { writtenDtype } from "../prune.ts";
import { stepProgress } from "../reporter.ts";
import type { ModelResult, TrainingResult } from "../results.ts";
import { RUN_FILES } from "../run_files.ts";
import { type Job, stage } from "./job.ts";
import { heldOutPerplexity, measureModel } from "./measure.ts";

/** A model that was trained, measured and written. */
export interface Healed {
  readonly result: ModelResult;
  readonly training: TrainingResult;
}

/** Puts the pruned model on the device, to be trained. */
export function loadStudent(job: Job, pruned: PrunedModel, name: "student" | "control"): Promise<Gemma3> {
  const { engine, rows: { positions } } = job;
  return stage(
    job,
    `load ${name}`,
    () => loadGemma3(engine, pruned.config, pruned.read, { label: name, positions, differentiable: true }),
  );
}

/**
 * Trains a pruned model on the device, measures it, writes it beside its log and gives its memory back.
 *
 * @param teacher needed where the loss of `config` has one
 */
export async function healStudent(
  job: Job,
  config: Config,
  student: Gemma3,
  teacher: Gemma3 | undefined,
  name: "student" | "control",
): Promise<Healed> {
  const { engine, source, rows, padId, run, reporter } = job;
  const training = await trained();
  const result = await measureModel(job, student, name);
  await stage(job, `write ${name}`, () =>
    saveGemma3(engine, student, join(run, RUN_FILES[name]), {
      dtype: writtenDtype(config, source.opened.storedDtype),
      // The note on a tokenizer that cannot be copied is made once, for the student.
      tokenizerDir: tokenizerToWrite(source, name === "student" ? reporter.note : () => {}),
      generationConfig: source.opened.generationConfig,
    }));
  releaseGemma3(engine, student);
  return { result, training };

  function trained(): Promise<TrainingResult> {
    const warnings: string[] = [], title = name === "student" ? "train" : "train control";
    return stage(job, title, async () => {
      const log = openLog(join(run, name === "student" ? RUN_FILES.log : RUN_FILES.controlLog));
      try {
        const { steps, tokens, seconds, memoryBytes, lastEpochLoss } = await heal({
          ...{ engine, student, teacher, config, rows: rows.training, padId, signal: reporter.signal },
          onStep: (record, totalSteps) => {
            log.write(record);
            reporter.update(stepProgress(record, totalSteps, title));
          },
          onWarning: (warning) => {
            warnings.push(warning);
            reporter.note(warning);
          },
          ...validated(() => heldOutPerplexity(job, student, name), log),
        });
        return {
          ...{ steps, tokens, seconds, tokens_per_second: tokens / seconds },
          ...{ memory_bytes: memoryBytes, last_epoch_loss: lastEpochLoss, warnings },
        };
      } finally {
        log.close();
      }
    });
  }
}
