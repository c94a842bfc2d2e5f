/** results.json of a run: what it says, how it is read. */
import { join } from "node:path";
import { DataError } from "../engine/mod.ts";
import type { TaskResult } from "../eval/tasks/mod.ts";
import { isFile, readJson } from "../model/files/mod.ts";
import type { Config } from "../train/config/mod.ts";
import { resultsSchema } from "./results_schema.ts";
import { RUN_FILES } from "./run_files.ts";
import type { Environment } from "./environment.ts";
import type { HubOrigin } from "./hub.ts";
import type { Stage } from "./memory_plan.ts";

/** Version of results.json; it changes when a key changes its meaning or leaves. */
export const RESULTS_VERSION = 2;

/** What came with each version after the first. */
const CHANGES: Readonly<Record<number, string>> = {
  2: "the control and its comparisons, the data with their hashes, and the memory of each stage",
};

/** `; since version 1 came ...`, or nothing for a version that is not older. */
function changedSince(version: unknown): string {
  const later = Object.entries(CHANGES).filter(([at]) => Number(at) > Number(version)).map(([, what]) =>
    what
  );
  return later.length === 0 ? "" : `; since version ${version} came ${later.join("; ")}`;
}

/** The models of a run by name, in the order in which they are shown. */
export const MODELS = ["teacher", "pruned", "student", "control"] as const;

/** One of {@link MODELS}. */
export type ModelName = typeof MODELS[number];

/** One model of a run, as measured. */
export interface ModelResult {
  /** Transformer blocks. */
  readonly layers: number;
  /** Parameters, the tied embedding counted once. */
  readonly parameters: number;
  /** exp(cross_entropy) */
  readonly perplexity: number;
  /** Mean over the scored tokens of the held-out rows, in nats. */
  readonly cross_entropy: number;
  /** Held-out tokens that were scored. */
  readonly tokens: number;
  /** Each held-out row: the sum of its tokens' cross-entropies in nats, and how many they are. */
  readonly row_losses: readonly { readonly sum: number; readonly tokens: number }[];
  /** Greedy continuations of `sample.prompts`, prompt included. */
  readonly samples: readonly string[];
  /** By name of the task; empty where none ran. */
  readonly tasks: Readonly<Record<string, TaskResult>>;
}

/** How a student was trained. */
export interface TrainingResult {
  /** Optimizer steps. */
  readonly steps: number;
  /** Scored tokens, over all epochs. */
  readonly tokens: number;
  readonly seconds: number;
  readonly tokens_per_second: number;
  /** Device bytes of the largest step, by its plan. */
  readonly memory_bytes: number;
  /** Mean weighted loss over the last epoch's steps, in nats per token. */
  readonly last_epoch_loss: number;
  /** What the training warned of, such as a loss whose gradient is zero. */
  readonly warnings: readonly string[];
}

/** Two models on the same items. */
export interface Comparison {
  /** The difference is the first's value less the second's. */
  readonly models: readonly [ModelName, ModelName];
  /** Name of a task, or "held_out" for the rows that perplexity is measured on. */
  readonly on: string;
  /** "cross_entropy" in nats per token (held_out), "acc", "acc_norm", "log_likelihood" in nats per item (lambada). */
  readonly metric: string;
  /** Rows or items that both have. */
  readonly n: number;
  readonly difference: number;
  /** Ends of the 95 % interval of the difference, paired by row or item; null of a single one. */
  readonly interval: readonly [low: number, high: number] | null;
  /** Of McNemar's exact test, where every item is right or wrong; null else. */
  readonly p: number | null;
}

/** A file that rows were read from. */
export interface DataFile {
  /**
   * As it was named; "pebble" for the embedded world, which writes its rows itself; of a data set of the hub each
   * configuration, such as "HuggingFaceTB/cosmopedia:stories".
   */
  readonly path: string;
  /** The commit of the hub that it was read at; absent for a file. */
  readonly commit?: string;
  /**
   * SHA-256 of the file; of Pebble's rows, of those of a data set and of the rows of a task that were measured, theirs
   * (`fingerprint.ts`).
   */
  readonly sha256: string;
  /** Rows that were made of it. */
  readonly rows: number;
}

/** What was learned and measured on. Equal hashes mean the same rows in the same order. */
export interface DataResult {
  /** Rows that were trained on and held out; none held out: perplexity is that of the training rows. */
  readonly training_rows: number;
  readonly validation_rows: number;
  readonly files: readonly DataFile[];
  /** The rows that perplexity is measured on. */
  readonly held_out: { readonly rows: number; readonly sha256: string };
  /** The rows of each task that ran. */
  readonly tasks: Readonly<Record<string, DataFile>>;
}

/** results.json of a run. */
export interface Results {
  readonly version: typeof RESULTS_VERSION;
  /** Every key, as it was used. */
  readonly config: Config;
  readonly environment: Environment;
  /** What was read from the hub, at which commit; absent where nothing was. */
  readonly hub?: { readonly teacher?: HubOrigin; readonly tokenizer?: HubOrigin };
  readonly data: DataResult;
  /** What the blocks were chosen by; null where `prune.drop` names them. */
  readonly importance: {
    /** `importance.method` */
    readonly method: string;
    /** By block of the teacher. */
    readonly scores: readonly number[];
    /** Blocks, the least important first. */
    readonly order: readonly number[];
  } | null;
  /** Blocks of the teacher that were removed. */
  readonly drop: readonly number[];
  readonly teacher: ModelResult;
  /** The student before it learned. */
  readonly pruned: ModelResult;
  readonly student: ModelResult;
  /** The student trained by cross-entropy alone: same pruned blocks, rows, order, steps and seed; null where none ran. */
  readonly control: ModelResult | null;
  readonly training: { readonly student: TrainingResult; readonly control: TrainingResult | null };
  /** Teacher perplexity / student perplexity, in percent. */
  readonly perplexity_retention: number;
  /** (ln pruned - ln student) / (ln pruned - ln teacher), in percent: share of the lost cross-entropy won back. */
  readonly recovery: number;
  /** Student less control, teacher and pruned, on the held-out rows and on each task. */
  readonly comparisons: readonly Comparison[];
  /** Seconds of each stage, by its name. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Device memory of each stage by what it is for, in bytes, as planned. */
  readonly memory: readonly Stage[];
}

/** The models that a run has, in order. */
export function modelsOf(results: Results): [name: ModelName, model: ModelResult][] {
  return MODELS.flatMap((name): [ModelName, ModelResult][] => {
    const model = results[name];
    return model ? [[name, model]] : [];
  });
}

/**
 * Reads the results of a finished run.
 *
 * @param run directory of the run, or its results.json
 * @throws {DataError} for a run without results, a file that is not results.json, one of another version, and one that
 * lacks something
 */
export async function readResults(run: string): Promise<Results> {
  const path = await isFile(run) ? run : join(run, RUN_FILES.results);
  const content = await readJson(path) as Partial<Results> | null;
  const version = typeof content === "object" ? content?.version : undefined;
  if (version === RESULTS_VERSION) return checked(content, path);
  throw new DataError(
    version === undefined
      ? `Cannot read ${path}: it has no version, so it is not what distill writes; name the directory of a run`
      : `Cannot read ${path}: it is of version ${version} and this Lapidary reads version ${RESULTS_VERSION}${
        changedSince(version)
      }; ` +
        `run distill again with the run's ${RUN_FILES.config} as --preset`,
  );
}

function checked(content: unknown, path: string): Results {
  const { success, data, error } = resultsSchema.safeParse(content);
  if (success) return data as unknown as Results;
  const { path: place, message } = error.issues[0]!;
  throw new DataError(
    `Cannot read ${path}: "${place.map(String).join(".")}" is wrong (${message}), so the file is damaged; ` +
      `run distill again with the run's ${RUN_FILES.config} as --preset`,
    { path },
  );
}

/** Whether a metric is a share of right answers. */
export const isShare = (metric: string): boolean => metric.startsWith("acc");

/** Share of the cross-entropy lost by pruning that training won back, in percent; 0 where pruning lost nothing. */
export function recovery(teacher: number, pruned: number, student: number): number {
  return pruned <= teacher ? 0 : 100 * (pruned - student) / (pruned - teacher);
}
