import { type Gemma3Config, modelTensors } from "../../model/config/mod.ts";
import { chunk } from "../../train/data/mod.ts";
import { limitsOf, PRODUCT_STEPS, sizeFor } from "./limits.ts";
import { pack, shapeOf } from "./pack.ts";
import { planBatches } from "./plan.ts";
import { type LikelihoodRequest, longestOf, toSequence } from "./request.ts";

/** Floating-point operations by the part of the model that takes them; norms and the like are not counted. */
export interface Flops {
  /** Products of the blocks. */
  readonly blocks: number;
  /** Scores and mixes of attention, as if every query saw every key. */
  readonly attention: number;
  /** Projection to the vocabulary. */
  readonly head: number;
  readonly total: number;
}

/** What requests cost, from the plain way to the one that is taken, each step with what those before it save. */
export interface LikelihoodCost {
  /** A pass a request, each padded to the longest of all, logits at every position. */
  readonly longest: Flops;
  /** Padded batches in the order of the requests. */
  readonly batched: Flops;
  /** As lm-evaluation-harness does it: batches of like length, and equal inputs once. */
  readonly padded: Flops;
  /** Each input in a row of its own length. */
  readonly unpadded: Flops;
  /** Logits only where a continuation is predicted. */
  readonly scored: Flops;
  /** Common beginnings computed once; with what Programs of few sizes leave empty. */
  readonly shared: Flops;
  /** Targets at one position answered by one row of logits: what `measureLikelihoods` does. */
  readonly planned: Flops;
}

/** Options of {@link likelihoodCost}. */
export interface CostOptions {
  /** As in `measureLikelihoods`. */
  readonly maxLength?: number | undefined;
  /** Rows of a padded batch. */
  readonly batchSize?: number;
  /** Bytes that one binding of the device covers; WebGPU's least where missing. */
  readonly maxBinding?: number;
}

/** The rows of tokens that a pass computes: how many, how long, and at how many positions with logits. */
export interface Passes {
  readonly tokens: number;
  /** Pairs of a query and a key. */
  readonly pairs: number;
  readonly logits: number;
}

/** Counts what requests cost on a model. @throws {DataError} and {DeviceError} as `measureLikelihoods` does */
export function likelihoodCost(
  requests: readonly LikelihoodRequest[],
  config: Gemma3Config,
  { maxLength, batchSize = 16, maxBinding = 2 ** 27 }: CostOptions = {},
): LikelihoodCost {
  const sequences = requests.map((request) => toSequence(request, config, maxLength));
  const longest = longestOf(sequences),
    limits = limitsOf(config, { maxBinding }, longest),
    plan = planBatches(sequences, limits);
  const equal = (at: number) => {
    const length = sequences[plan.order[at]!]!.ids.length,
      before = sequences[plan.order[at - 1]!]?.ids.length;
    return length === before && plan.shared[at] === length;
  };
  const lengths = plan.order.flatMap((i, at) => equal(at) ? [] : [sequences[i]!.ids.length]);
  const scored = sequences.reduce((sum, { targets }) => sum + targets.length, 0);

  const all = sequences.map(({ ids }) => ids.length);
  const padded = (lengths: readonly number[]) =>
    chunk(lengths, batchSize).flatMap((batch) => batch.fill(Math.max(...batch)));
  const rowsOf = (columns: readonly number[]): Passes => {
    const tokens = columns.reduce((sum, T) => sum + T, 0);
    return { tokens, pairs: columns.reduce((sum, T) => sum + T * T, 0), logits: tokens };
  };
  let tokens = 0, pairs = 0, rows = 0;
  for (const batch of plan.batches) {
    const packed = pack(sequences, plan, batch), { N, A, T, S } = shapeOf(packed, plan);
    tokens += N;
    pairs += A * T * S;
    rows += packed.rows.length;
  }
  const rest = rows % limits.rows, last = Math.min(limits.rows, sizeFor(rest, PRODUCT_STEPS));
  const logits = rows - rest + (rest > 0 ? last : 0);
  const of = (passes: Passes) => forwardFlops(config, passes);
  return {
    longest: of(rowsOf(all.map(() => longest))),
    batched: of(rowsOf(padded(all))),
    padded: of(rowsOf(padded(lengths.toSorted((a, b) => b - a)))),
    unpadded: of(rowsOf(lengths)),
    scored: of({ ...rowsOf(lengths), logits: scored }),
    shared: of({ tokens, pairs, logits: scored }),
    planned: of({ tokens, pairs, logits }),
  };
}

/** What forward passes of a model cost. */
export function forwardFlops(config: Gemma3Config, { tokens, pairs, logits }: Passes): Flops {
  const { hiddenSize, vocabSize, numHiddenLayers, numAttentionHeads, headDim } = config;
  const weights = modelTensors(config)
    .filter(({ name, shape }) => name.includes(".layers.") && shape.length > 1)
    .reduce((sum, { shape }) => sum + shape[0]! * shape[1]!, 0);
  const blocks = 2 * weights * tokens;
  const attention = 4 * numHiddenLayers * numAttentionHeads * headDim * pairs;
  const head = 2 * hiddenSize * vocabSize * logits;
  return { blocks, attention, head, total: blocks + attention + head };
}
