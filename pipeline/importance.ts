import type { Engine } from "../engine/mod.ts";
import { type Gemma3, releaseGemma3 } from "../model/gemma3/mod.ts";
import { blocksToDrop, type Importance, measureImportance } from "../model/pruning/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { chunk, longestRow, paddedBatch, type Row } from "../train/data/mod.ts";
import { requireRowsFit } from "../train/rows_fit.ts";
import { configuredRows, loadOpened, openSource, padIdOf } from "./inputs.ts";
import type { Reporter } from "./reporter.ts";
import { plannedStudent } from "./step_plan.ts";

/** Importance of every block of a model on the device, measured as configured. */
export async function importanceOf(
  engine: Engine,
  model: Gemma3,
  rows: readonly Row[],
  config: Config,
  padId: number,
  reporter: Reporter,
): Promise<Importance> {
  const { method, batch_size, padding, padding_side: side } = config.importance;
  const used = rows.slice(0, config.importance.rows ?? undefined), groups = chunk(used, batch_size);
  const batches = groups.map((group) =>
    paddedBatch(group, { side, padId, ...(padding === "max_length" && { length: config.data.max_length }) })
  );
  for (const { B, T } of batches) {
    requireRowsFit(
      engine.target,
      model.config,
      { B, T },
      "importance.batch_size (--batch-size) or data.max_length (--max-length)",
    );
  }
  const importance = await measureImportance(engine, model, batches, method, {
    signal: reporter.signal,
    onProgress: ({ batches: done }) =>
      reporter.update({
        stage: "importance",
        done: Math.min(done * batch_size, used.length),
        total: used.length,
        unit: "rows",
      }),
  });
  // The definitions say 0 where no cosine is finite, as optipfair does; a block that works never has 0.
  const silent = importance.order.filter((block) => importance.scores[block] === 0);
  if (silent.length > 0) {
    reporter.note(
      `Importance is exactly 0 for ${silent.length === 1 ? "block" : "blocks"} ${
        silent.join(", ")
      }: identity, or values that are not finite; look for damaged weights`,
    );
  }
  return importance;
}

/** Scores of a model's blocks, and what they say should go. */
export interface ModelImportance extends Importance {
  /** The blocks to remove, least important first, where a choice was asked for. */
  readonly chosen?: readonly number[];
}

/**
 * The `importance` command: opens the model, reads the data, measures.
 *
 * @param choose whether to choose blocks by `config.prune` too
 * @throws {UsageError} before anything is measured, where no such choice exists
 */
export async function runImportance(
  openEngine: () => Promise<Engine>,
  model: string,
  config: Config,
  reporter: Reporter,
  choose = false,
): Promise<ModelImportance> {
  const source = await openSource(model, config, reporter);
  const { opened } = source;
  try {
    if (choose) plannedStudent(opened.config, config);
    const rows = await configuredRows(config, source, reporter), engine = await openEngine();
    const positions = config.importance.padding === "max_length" ? config.data.max_length : longestRow(rows);
    const loaded = await loadOpened(engine, opened, {
      label: "model",
      positions,
    });
    const importance = await importanceOf(engine, loaded, rows, config, padIdOf(source), reporter);
    releaseGemma3(engine, loaded);
    if (!choose) return importance;
    return { ...importance, chosen: blocksToDrop(importance, opened.config.layerTypes, config.prune) };
  } finally {
    opened.weights.close();
  }
}
