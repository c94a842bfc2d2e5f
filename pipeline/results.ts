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
export function summarize(
  { teacher, pruned, student, drop, training, perplexity_retention, recovery }: Results,
): string {
  const row = (name: string, { layers, parameters, perplexity }: ModelResult) =>
    `${name.padEnd(8)}  ${String(layers).padStart(6)}  ${parameters.toLocaleString("en-US").padStart(13)}  ${
      perplexity.toFixed(3).padStart(10)
    }`;
  return [
    `model     blocks     parameters  perplexity`,
    row("teacher", teacher),
    row("pruned", pruned),
    row("student", student),
    ``,
    `Removed blocks ${drop.join(", ")}. ${training.steps} steps, ${
      training.tokens.toLocaleString("en-US")
    } tokens in ${training.seconds.toFixed(0)} s.`,
    `Perplexity on ${teacher.tokens.toLocaleString("en-US")} held-out tokens: the student keeps ${
      perplexity_retention.toFixed(1)
    } % of the teacher's` +
    ` and wins back ${recovery.toFixed(1)} % of the cross-entropy lost by pruning.`,
  ].join("\n");
}
