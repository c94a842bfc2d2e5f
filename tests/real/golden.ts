/** golden.json, float64.json and healing.json, as the scripts of those names write them. */
import type { GenerateOptions } from "../../model/generate/mod.ts";
import type { ImportanceMethod } from "../../model/pruning/mod.ts";

export interface GoldenPrompt {
  readonly text: string;
  readonly input_ids: readonly number[];
  /** Of the last position, as is `last_every_8191st`. */
  readonly last_top_20: { readonly ids: readonly number[]; readonly logits: readonly number[] };
  readonly last_every_8191st: readonly number[];
  /** By position, as are `mean` and `argmax`. */
  readonly logsumexp: readonly number[];
  readonly mean: readonly number[];
  readonly argmax: readonly number[];
}

export interface GoldenContinuation {
  readonly settings: { readonly max_new_tokens: number; readonly num_beams?: number };
  readonly input_ids: readonly number[];
  readonly output_ids: readonly number[];
}

export interface GoldenPerplexity {
  readonly perplexity: number;
  readonly cross_entropy: number;
  readonly tokens: number;
  readonly token_losses: readonly (readonly number[])[];
}

export interface GoldenImportance {
  readonly method: ImportanceMethod;
  readonly scores: readonly number[];
  readonly order: readonly number[];
}

export interface GoldenStep {
  readonly cross_entropy: number;
  readonly forward_kl: number;
  readonly total: number;
  readonly tokens: number;
  readonly gradient_norm: number;
  /** By checkpoint name: norms of the gradient and of all movement; first, middle and last value after the step. */
  readonly parameters: Readonly<
    Record<string, { readonly gradient: number; readonly moved: number; readonly sampled: readonly number[] }>
  >;
}

export interface Golden {
  readonly prompts: readonly GoldenPrompt[];
  readonly continuations: readonly GoldenContinuation[];
  readonly documents: readonly (readonly number[])[];
  readonly perplexity: GoldenPerplexity;
  readonly importance: readonly GoldenImportance[];
  readonly dropped: readonly number[];
  readonly pruned_perplexity: GoldenPerplexity;
  readonly training: {
    readonly settings: {
      readonly lr: number;
      readonly betas: readonly [number, number];
      readonly eps: number;
      readonly weight_decay: number;
      readonly alpha: number;
      readonly beta: number;
      readonly temperature: number;
      readonly clip: number;
    };
    readonly rows: readonly (readonly number[])[];
    readonly steps: readonly GoldenStep[];
  };
}

/** float64.json: the same sums in float64, as float64.py writes them. */
export interface Float64 {
  readonly cross_entropy: number;
  readonly pruned_cross_entropy: number;
  readonly importance: { readonly scores: readonly number[]; readonly order: readonly number[] };
  readonly first_step: {
    readonly cross_entropy: number;
    readonly forward_kl: number;
    /** Norms by checkpoint name. */
    readonly gradients: Readonly<Record<string, number>>;
  };
}

/** healing.json: six steps of the pruned model over 2 rows of 512 tokens each, and what the three models make of held-out rows. */
export interface Healing {
  readonly settings: {
    readonly lr: number;
    readonly betas: readonly [number, number];
    readonly eps: number;
    readonly weight_decay: number;
    readonly alpha: number;
    readonly beta: number;
    readonly temperature: number;
    readonly clip: number;
    readonly dropped: readonly number[];
  };
  readonly steps: readonly Omit<GoldenStep, "parameters">[];
  readonly teacher: { readonly perplexity: number };
  readonly pruned: { readonly perplexity: number };
  readonly student: { readonly perplexity: number };
  readonly rows: readonly (readonly number[])[];
  readonly held_out: readonly (readonly number[])[];
}

const read = async (name: string) => JSON.parse(await Deno.readTextFile(new URL(name, import.meta.url)));

export const golden: Golden = await read("golden.json"),
  float64: Float64 = await read("float64.json"),
  healing: Healing = await read("healing.json");

/** Settings of a continuation under the names of {@link GenerateOptions}. */
export const generateOptions = ({ settings }: GoldenContinuation): GenerateOptions => ({
  maxNewTokens: settings.max_new_tokens,
  numBeams: settings.num_beams ?? 1,
});
