import type { Config } from "../train/config/mod.ts";
import type { Environment } from "./environment.ts";

/** Version of results.json; it changes when a key changes its meaning or leaves. */
export const RESULTS_VERSION = 1;

/** One model of a run, as measured. Keys are those of results.json. */
export interface ModelResult {
  readonly layers: number;
  readonly parameters: number;
  readonly perplexity: number;
  readonly cross_entropy: number;
  /** Held-out tokens that were scored. */
  readonly tokens: number;
  /** Greedy continuations of `sample.prompts`, prompt included. */
  readonly samples: readonly string[];
}

/** results.json of a run. */
export interface Results {
  readonly version: typeof RESULTS_VERSION;
  readonly config: Config;
  readonly environment: Environment;
  readonly data: { readonly training_rows: number; readonly validation_rows: number };
  readonly importance: {
    readonly method: string;
    readonly scores: readonly number[];
    readonly order: readonly number[];
  } | null;
  /** Blocks of the teacher that were removed. */
  readonly drop: readonly number[];
  readonly teacher: ModelResult;
  readonly pruned: ModelResult;
  readonly student: ModelResult;
  readonly training: {
    readonly steps: number;
    readonly tokens: number;
    readonly seconds: number;
    readonly tokens_per_second: number;
    readonly memory_bytes: number;
    /** Mean weighted loss over the last epoch's steps. */
    readonly last_epoch_loss: number;
    readonly warnings: readonly string[];
  };
  /** Teacher perplexity / student perplexity, in percent. */
  readonly perplexity_retention: number;
  /** (ln pruned - ln student) / (ln pruned - ln teacher), in percent: share of the lost cross-entropy won back. */
  readonly recovery: number;
  /** Seconds of each stage. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** Share of the cross-entropy lost by pruning that training won back, in percent; 0 where pruning lost nothing. */
export function recovery(teacher: number, pruned: number, student: number): number {
  return pruned <= teacher ? 0 : 100 * (pruned - student) / (pruned - teacher);
}

/** A few lines for the terminal. */
export function summarize(results: Results): string {
  const { teacher, pruned, student, drop, training, data, perplexity_retention, recovery } = results;
  const models = Object.entries({ teacher, pruned, student }),
    count = (n: number) => n.toLocaleString("en-US");
  const table = models.map(([name, { layers, parameters, perplexity }]) =>
    `${name.padEnd(8)}  ${String(layers).padStart(6)}  ${count(parameters).padStart(13)}  ${
      perplexity.toFixed(3).padStart(10)
    }`
  );
  const samples = teacher.samples.length === 0
    ? []
    : ["", ...models.map(([name, { samples }]) => `${name.padEnd(8)}  ${JSON.stringify(samples[0])}`)];
  const measured = data.validation_rows > 0
    ? "held-out tokens"
    : "tokens of the training rows, as none were held out";
  return [
    `model     blocks     parameters  perplexity`,
    ...table,
    ...samples,
    ``,
    `Removed ${drop.length === 1 ? "block" : "blocks"} ${drop.join(", ")}. ${training.steps} ${
      training.steps === 1 ? "step" : "steps"
    }, ${count(training.tokens)} tokens in ${training.seconds.toFixed(1)} s.`,
    `Perplexity on ${count(teacher.tokens)} ${measured}: the student keeps ${
      perplexity_retention.toFixed(1)
    } % of the teacher's and wins back ${recovery.toFixed(1)} % of the cross-entropy lost by pruning.`,
  ].join("\n");
}
