/**
 * Pebble pruned, healed and sampled, from assets in memory: the same modules in a page and on Deno, so that both can be
 * held against each other.
 */
import type { Engine } from "../../../engine/mod.ts";
import { type Gemma3, loadGemma3, releaseGemma3 } from "../../../model/gemma3/mod.ts";
import {
  type Importance,
  leastImportant,
  measureImportance,
  pruneModel,
} from "../../../model/pruning/mod.ts";
import { createTokenizer } from "../../../model/tokenizer/mod.ts";
import { chunk, longestRow, paddedBatch } from "../../../train/data/mod.ts";
import { heal } from "../../../train/heal.ts";
import type { StepRecord } from "../../../train/log.ts";
import { sampleTexts } from "../../sample_texts.ts";
import { type PlayAssets, weightsOf } from "./assets.ts";

/** Who watches. */
export interface PlayEvents {
  stage(name: string): void;
  importance(importance: Importance, dropped: readonly number[]): void;
  samples(model: "teacher" | "pruned" | "student", texts: readonly string[]): void;
  step(record: StepRecord, totalSteps: number): void;
}

/** How long, and until when. */
export interface PlayOptions {
  readonly steps: number;
  readonly signal: AbortSignal;
}

/** Runs the whole method. @param values of the assets, by index */
export async function play(
  engine: Engine,
  assets: PlayAssets,
  values: (index: number) => ArrayLike<number>,
  events: PlayEvents,
  { steps, signal }: PlayOptions,
): Promise<void> {
  const { settings, config, padId, ends } = assets, weights = weightsOf(assets, values);
  const rows = assets.rows.map((row) => Uint32Array.from(row)), positions = Math.max(longestRow(rows), 128);
  const tokenizer = createTokenizer(assets.tokenizer, assets.tokenizerConfig, {
    ...{ path: "Pebble's tokenizer", vocabSize: config.vocabSize },
  });
  const sample = async (name: Parameters<PlayEvents["samples"]>[0], model: Gemma3) => {
    signal.throwIfAborted();
    const { prompts, max_new_tokens: maxNewTokens } = settings.sample;
    events.stage(`The ${name} speaks`);
    events.samples(
      name,
      await sampleTexts(engine, model, tokenizer, prompts, {
        maxNewTokens,
        ...ends !== undefined && { eosTokenId: ends },
      }),
    );
  };

  events.stage("The teacher goes to the GPU");
  const teacher = await loadGemma3(engine, config, (name) => weights.readF32(name), {
    ...{ label: "teacher", positions, held: "bf16" },
  });
  await sample("teacher", teacher);

  events.stage("How much each block matters");
  const { method, batch_size, rows: measured } = settings.importance;
  const batches = chunk(rows.slice(0, measured), batch_size).map((group) =>
    paddedBatch(group, { side: "left", padId })
  );
  const importance = await measureImportance(engine, teacher, batches, method, { signal });
  const dropped = leastImportant(importance.order, settings.prune.count);
  events.importance(importance, dropped);

  const pruned = pruneModel({ config, weights }, dropped);
  const student = await loadGemma3(engine, pruned.config, pruned.read, {
    ...{ label: "student", positions, differentiable: true },
  });
  await sample("pruned", student);

  events.stage("The student learns from the teacher");
  await heal({
    ...{ engine, student, teacher, rows, padId, signal },
    config: { ...settings, train: { ...settings.train, max_steps: steps, metrics_every: 1 } },
    onStep: (record, total) => events.step(record, total),
  });
  await sample("student", student);
  releaseGemma3(engine, student);
  releaseGemma3(engine, teacher);
}
