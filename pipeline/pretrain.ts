import { dirname, join } from "node:path";
import type { Engine } from "../engine/mod.ts";
import {
  makeDirectory,
  makeSubdirectory,
  moveFile,
  removeFile,
  removeLeftovers,
  sha256Tree,
} from "../model/files/mod.ts";
import { saveGemma3 } from "../model/gemma3/mod.ts";
import { loadTokenizer } from "../model/tokenizer/mod.ts";
import { openCheckpoints } from "../train/checkpoint/mod.ts";
import { PEBBLE_TOKENIZER } from "../train/data/mod.ts";
import { openLog, type StepRecord } from "../train/log.ts";
import type { StepMetrics } from "../train/metrics.ts";
import { PRETRAIN, pretrain } from "../train/pretrain.ts";
import { sha256Of } from "./fingerprint.ts";
import { holdFile } from "./hold.ts";
import { recordKernels, restoreKernels } from "./kernels.ts";

/** What the `pretrain` command asks for. */
export interface PretrainJob {
  /** New directory of the teacher. */
  readonly out: string;
  readonly seed: number;
  readonly steps: number;
  /** Go on where the same training was stopped: the outcome is the same, bit for bit. */
  readonly resume?: boolean;
  readonly signal?: AbortSignal;
  readonly onStep?: (record: StepRecord) => void;
  /** Hears where the log of a training that was stopped is, and of checkpoints. */
  readonly note?: (text: string) => void;
}

/** Newest checkpoints that are kept. */
const KEPT = 2;

/**
 * Trains Pebble's teacher from nothing and writes it as a model directory, bf16, with its tokenizer and `log.jsonl`.
 * Log and checkpoints stand beside the directory until the model is complete.
 */
export async function runPretrain(
  engine: Engine,
  { out, seed, steps, resume = false, signal, onStep, note = () => {} }: PretrainJob,
): Promise<StepRecord> {
  const tokenizer = await loadTokenizer(PEBBLE_TOKENIZER), directory = `${out}.checkpoints`;
  await makeDirectory(dirname(out));
  using _lock = await holdFile(`${out}.lock`, out);
  if (!resume) await removeFile(directory); // of a training whose log was removed
  await makeSubdirectory(directory);
  await removeLeftovers(directory);
  if (!resume || !await restoreKernels(engine, directory, out)) await recordKernels(engine, directory);
  const belongs = sha256Of([PRETRAIN, seed, steps, await sha256Tree(PEBBLE_TOKENIZER)]);
  const store = openCheckpoints({ directory, name: "teacher", belongs, kept: KEPT, note });
  const from = resume ? await store.latest() : undefined;
  if (from) note(`pretrain: goes on after step ${from.progress.steps}, from ${from.path}`);
  const logPath = `${out}.log.jsonl`, log = openLog(logPath, from?.attached.log);
  const started = performance.now() - 1000 * (from?.progress.seconds ?? 0);
  const recordOf = (metrics: StepMetrics, memoryBytes: number): StepRecord => ({
    ...{ step: metrics.step, epoch: 0, lr: metrics.lr, tokens: metrics.tokens },
    losses: { cross_entropy: metrics.crossEntropy, total: metrics.crossEntropy },
    gradient_norm: metrics.gradientNorm,
    tokens_per_second: Math.round(metrics.tokensPerSecond),
    memory_bytes: memoryBytes,
    seconds: (performance.now() - started) / 1000,
  });
  let last = from?.progress.last && recordOf(from.progress.last, from.progress.memoryBytes);
  try {
    const model = await pretrain(engine, {
      seed,
      steps,
      vocabularySize: tokenizer.vocabSize,
      encode: (text) => tokenizer.encode(text, { special: false }),
      ...(signal && { signal }),
      onStep: (metrics, memoryBytes) => {
        last = recordOf(metrics, memoryBytes);
        log.write(last);
        onStep?.(last);
      },
      checkpoints: { store, every: null, from, attached: () => ({ log: log.text(), warnings: [] }) },
    });
    await saveGemma3(engine, model, out, {
      ...{ dtype: "bfloat16", tokenizerDir: PEBBLE_TOKENIZER, replace: resume },
    });
    await moveFile(logPath, join(out, "log.jsonl"));
    await removeFile(directory);
    return last!;
  } catch (error) {
    if (last) note(`The log of the steps so far is in ${logPath}; --resume goes on from ${directory}`);
    else {
      await removeFile(logPath);
      await removeFile(directory);
    }
    throw error;
  } finally {
    log.close();
  }
}

export { PRETRAIN };
