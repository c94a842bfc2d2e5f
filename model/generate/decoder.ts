import { NO_COLUMN } from "../../engine/mod.ts";

/**
 * What text generation needs of a model: logits for the next token, and beams that can fork.
 *
 * Rows are independent sequences of one common length. Every array of logits is `[rows, vocabSize]`, row-major f32, and
 * belongs to the caller, who overwrites it.
 */
export interface Decoder {
  /** Number of token ids; ids are `0 … vocabSize - 1`. */
  readonly vocabSize: number;
  /** Feeds `ids` (all rows the same length) as the prompt and returns the logits after the last position. */
  prefill(ids: readonly (readonly number[])[]): Promise<Float32Array>;
  /**
   * Continues: row r becomes a copy of previous row `parents[r]` with `tokens[r]` appended; returns the logits after it.
   * The number of rows may differ from the step before: beam search forks one prompt row into several.
   */
  step(tokens: readonly number[], parents: readonly number[]): Promise<Float32Array>;
  /**
   * Where the decoder can choose by itself: feeds a prompt and then, again and again, the likeliest token, without the
   * caller seeing logits. A step at which they are not numbers gives {@link NOT_A_TOKEN}.
   *
   * @returns up to `count` tokens, the last of which is the first that `isEnd`
   */
  greedy?(
    prompt: readonly number[],
    options: { readonly count: number; readonly isEnd: (token: number) => boolean },
  ): Promise<number[]>;
}

/** Stands for a token that could not be chosen. */
export const NOT_A_TOKEN = NO_COLUMN;

/** What is told where logits are not numbers. */
export const NOT_NUMBERS =
  "Cannot choose the next token: the model's logits hold NaN or infinity; check its weights";
