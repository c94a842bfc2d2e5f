import { mkdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Engine, UsageError } from "../engine/mod.ts";
import { loadGemma3, saveGemma3 } from "../model/gemma3/mod.ts";
import type { OpenedModel } from "../model/weights/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { heal, type HealSummary } from "../train/heal.ts";
import { openLog } from "../train/log.ts";
import { needsTeacher } from "../train/losses/mod.ts";
import { configuredRows, longestRow, openSource, padIdOf } from "./inputs.ts";
import { writtenDtype } from "./prune.ts";
import { type Reporter, stepProgress } from "./reporter.ts";

/** Refuses a pair whose token ids do not mean the same. */
export function requireSharedVocabulary(teacher: OpenedModel, student: OpenedModel): void {
  const [a, b] = [teacher.config.vocabSize, student.config.vocabSize];
  if (a !== b) {
    throw new UsageError(
      `Cannot distil ${teacher.path} into ${student.path} as they do not share a vocabulary: ${a} and ${b} tokens; ` +
        "take a student that was pruned from this teacher",
    );
  }
}

/** The `train` command: every row of the data heals the student, which is written with its log. */
export async function runTrain(
  engine: Engine,
  student: string,
  out: string,
  config: Config,
  reporter: Reporter,
): Promise<HealSummary> {
  const source = await openSource(student, config.tokenizer), { opened } = source;
  const teacher = needsTeacher(config.loss) ? await openSource(config.teacher!, config.tokenizer) : undefined;
  try {
    if (teacher) requireSharedVocabulary(teacher.opened, opened);
    const rows = await configuredRows(config, source), positions = longestRow(rows);
    const load = (model: OpenedModel, label: string, differentiable: boolean) =>
      loadGemma3(engine, model.config, (name) => model.weights.readF32(name), {
        label,
        positions,
        differentiable,
      });
    const model = await load(opened, "student", true);
    const logPath = `${out}.log.jsonl`;
    await mkdir(dirname(logPath), { recursive: true });
    const log = openLog(logPath);
    const summary = await heal({
      engine,
      student: model,
      teacher: teacher && await load(teacher.opened, "teacher", false),
      config,
      rows,
      padId: padIdOf(source),
      signal: reporter.signal,
      onStep: (record, totalSteps) => {
        log.write(record);
        reporter.update(stepProgress(record, totalSteps));
      },
      onWarning: reporter.note,
    }).finally(() => log.close());
    await saveGemma3(engine, model, out, {
      dtype: writtenDtype(config, opened.storedDtype),
      tokenizerDir: opened.tokenizerDir,
      generationConfig: opened.generationConfig,
    });
    await rename(logPath, join(out, "log.jsonl"));
    return summary;
  } finally {
    opened.weights.close();
    teacher?.opened.weights.close();
  }
}
