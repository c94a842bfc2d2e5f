import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Engine } from "../engine/mod.ts";
import { makeDirectory, moveFile } from "../model/files/mod.ts";
import { saveGemma3 } from "../model/gemma3/mod.ts";
import { loadTokenizer } from "../model/tokenizer/mod.ts";
import { PEBBLE_TOKENIZER } from "../train/data/mod.ts";
import { openLog, type StepRecord } from "../train/log.ts";
import { PRETRAIN, pretrain } from "../train/pretrain.ts";

/** What the `pretrain` command asks for. */
export interface PretrainJob {
  /** New directory of the teacher. */
  readonly out: string;
  readonly seed: number;
  readonly steps: number;
  readonly signal?: AbortSignal;
  readonly onStep?: (record: StepRecord) => void;
  /** Hears where the log of a training that was stopped is. */
  readonly note?: (text: string) => void;
}

/**
 * Trains Pebble's teacher from nothing and writes it as a model directory, bf16, with its tokenizer and `log.jsonl`.
 * The log stands beside the directory until the model is complete.
 */
export async function runPretrain(
  engine: Engine,
  { out, seed, steps, signal, onStep, note }: PretrainJob,
): Promise<StepRecord> {
  const tokenizer = await loadTokenizer(PEBBLE_TOKENIZER);
  let last: StepRecord | undefined;
  await makeDirectory(dirname(out));
  const logPath = `${out}.log.jsonl`, log = openLog(logPath), started = performance.now();
  try {
    const model = await pretrain(engine, {
      seed,
      steps,
      vocabularySize: tokenizer.vocabSize,
      encode: (text) => tokenizer.encode(text, { special: false }),
      ...(signal && { signal }),
      onStep: ({ step, lr, crossEntropy, gradientNorm, tokens, tokensPerSecond }) => {
        const record: StepRecord = {
          step,
          epoch: 0,
          losses: { cross_entropy: crossEntropy, total: crossEntropy },
          gradient_norm: gradientNorm,
          lr,
          tokens,
          tokens_per_second: Math.round(tokensPerSecond),
          memory_bytes: engine.allocatedBytes(),
          seconds: (performance.now() - started) / 1000,
        };
        last = record;
        log.write(record);
        onStep?.(record);
      },
    });
    await saveGemma3(engine, model, out, { dtype: "bfloat16", tokenizerDir: PEBBLE_TOKENIZER });
    await moveFile(logPath, join(out, "log.jsonl"));
    return last!;
  } catch (error) {
    if (last) note?.(`The log of the steps so far is in ${logPath}`);
    else await rm(logPath, { force: true });
    throw error;
  } finally {
    log.close();
  }
}

export { PRETRAIN };
