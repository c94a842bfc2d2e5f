import { DataError } from "../../engine/mod.ts";
import type { Gemma3Config } from "../../model/config/mod.ts";

/** Asks how likely a continuation is after a context; token ids, neither of them empty. */
export interface LikelihoodRequest {
  readonly context: readonly number[];
  readonly continuation: readonly number[];
}

/** How likely a continuation is. */
export interface Likelihood {
  /** Sum over its tokens of the logarithm of their probabilities, in nats. */
  readonly logLikelihood: number;
  /** Whether each of its tokens is the likeliest one, the first of equals. */
  readonly isGreedy: boolean;
}

/** A request as the model is fed: the logits of the last `targets.length` positions of `ids` are looked at. */
export interface Sequence {
  readonly ids: readonly number[];
  readonly targets: readonly number[];
}

/** Tokens of the longest sequence, at least 1. */
export function longestOf(sequences: readonly Sequence[]): number {
  return sequences.reduce((most, { ids }) => Math.max(most, ids.length), 1);
}

/**
 * What a model is fed for a request: context and continuation without the last token, which nobody needs the successor of,
 * and of these the last `maxLength`, as a context too long loses its beginning (lm-evaluation-harness, models/huggingface.py).
 *
 * @param maxLength the model's positions where missing
 * @throws {DataError} where a part is empty, an id is no word of the model, or the continuation alone is too long
 */
export function toSequence(
  { context, continuation }: LikelihoodRequest,
  { vocabSize, maxPositionEmbeddings }: Pick<Gemma3Config, "vocabSize" | "maxPositionEmbeddings">,
  maxLength = maxPositionEmbeddings,
): Sequence {
  const refuse = (cause: string) => {
    throw new DataError(`Cannot measure the likelihood of a continuation as ${cause}`);
  };
  if (context.length === 0) refuse("its context is empty; let it begin with the id of <bos>");
  if (continuation.length === 0) refuse("it has no token; leave the request out");
  if (continuation.length > maxLength) {
    refuse(
      `it has ${continuation.length} tokens and the model is fed ${maxLength} at most; shorten it or raise the length`,
    );
  }
  const ids = [...context, ...continuation];
  const strange = ids.find((id) => !(Number.isInteger(id) && id >= 0 && id < vocabSize));
  if (strange !== undefined) {
    refuse(
      `its id ${strange} is outside the model's vocabulary of ${vocabSize}; tokenize with the model's own tokenizer`,
    );
  }
  return { ids: ids.slice(-(maxLength + 1), -1), targets: continuation };
}
