/** All that the numbers of a training depend on, for the keys of what it leaves behind. */
import { join } from "node:path";
import { isFile, sha256File, sha256Tree } from "../model/files/mod.ts";
import type { OpenedModel } from "../model/weights/mod.ts";
import type { Config } from "../train/config/mod.ts";

/** SHA-256 of the files of a model and of its tokenizer, as text. */
export async function modelSha256({ path, tokenizerDir }: OpenedModel): Promise<string> {
  const weights = await sha256Tree(path, (name) => /\.(safetensors|json)$/.test(name));
  const tokenizer = tokenizerDir && join(tokenizerDir, "tokenizer.json");
  return tokenizer && await isFile(tokenizer) ? `${weights} ${await sha256File(tokenizer)}` : weights;
}

/** Settings of a training that change none of its numbers. */
type Harmless = "checkpoint_every" | "checkpoints_kept" | "metrics_every" | "control";

/** What a training learns from and how, but for the student that it begins with. */
export interface TrainingInputs {
  /** Hash of the teacher; undefined without one. */
  readonly teacher: string | undefined;
  /** Hash of the rows that are trained on, and of those that are measured meanwhile. */
  readonly training: string;
  readonly heldOut: string;
  readonly padId: number;
}

/** The inputs of a training as values for a key. */
export function trainingInputs(
  { teacher, training, heldOut, padId }: TrainingInputs,
  { data, train, loss, seed, evaluate }: Pick<Config, "data" | "train" | "loss" | "seed" | "evaluate">,
): unknown {
  const { checkpoint_every: _e, checkpoints_kept: _k, metrics_every: _m, control: _c, ...numbers } = train;
  const settings: Omit<Config["train"], Harmless> = numbers;
  const validation = evaluate.every === null ? null : [evaluate.every, evaluate.batch_size, heldOut];
  return [teacher ?? null, training, data.max_length, padId, settings, loss, seed, validation];
}
