import {
  accumulate,
  argmax,
  createTensor,
  crossEntropy,
  DataError,
  type Engine,
  LapidaryError,
  part,
  type Prepared,
  record,
  reshape,
  rows,
  type Tensor,
  UNSCORED,
} from "../../engine/mod.ts";
import {
  type BatchInputs,
  declareBatch,
  forward,
  type Gemma3,
  positionChunks,
  uploadPlaces,
  vocabularyLogits,
} from "../../model/gemma3/mod.ts";
import { bucketFor, bucketLengths } from "../../train/data/mod.ts";
import { type Likelihood, type LikelihoodRequest, toSequence } from "./request.ts";

/** Options of {@link measureLikelihoods}. */
export interface LikelihoodOptions {
  readonly padId: number;
  /** Most tokens that are fed for a request; the model's positions where missing. */
  readonly maxLength?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onRequests?: ((done: number, total: number) => void) | undefined;
}

/** The Program of one length, and what to feed it. */
interface Row {
  readonly prepared: Prepared;
  readonly inputs: BatchInputs;
  readonly targets: Tensor;
  /** f32 [T]: minus the logarithm of each target's probability. */
  readonly losses: Tensor;
  /** u32 [T]: the likeliest token of each position. */
  readonly likeliest: Tensor;
}

/**
 * How likely each continuation is after its context, in the order of the requests.
 *
 * @throws {DataError} for a request that cannot be fed; {LapidaryError} where a log-likelihood is not finite
 */
export async function measureLikelihoods(
  engine: Engine,
  model: Gemma3,
  requests: readonly LikelihoodRequest[],
  options: LikelihoodOptions,
): Promise<Likelihood[]> {
  const { maxLength = model.config.maxPositionEmbeddings } = options;
  const sequences = requests.map((request) => toSequence(request, maxLength, model.config));
  const longest = sequences.reduce((most, { ids }) => Math.max(most, ids.length), 1);
  const loaded = model.rope.full_attention.cosine.shape[0]!;
  if (longest > loaded) {
    throw new DataError(
      `Cannot feed ${longest} tokens: the model was loaded for ${loaded} positions; load it for more`,
    );
  }
  const buckets = bucketLengths(Math.min(loaded, Math.ceil(longest / 32) * 32));
  const programs = new Map<number, Row>(), found: Likelihood[] = [];
  try {
    for (const { ids, targets } of sequences) {
      options.signal?.throwIfAborted();
      const T = bucketFor(ids.length, buckets), first = ids.length - targets.length;
      if (!programs.has(T)) programs.set(T, await prepareRow(engine, model, T));
      const row = programs.get(T)!;
      await engine.write(row.inputs.ids, padded(T, options.padId, ids, 0));
      await engine.write(row.targets, padded(T, UNSCORED, targets, first));
      engine.run(row.prepared);
      const losses = (await engine.read(row.losses) as Float32Array).subarray(first, ids.length);
      const likeliest = (await engine.read(row.likeliest)).subarray(first, ids.length);
      const logLikelihood = -losses.reduce((sum, loss) => sum + loss, 0);
      if (!Number.isFinite(logLikelihood)) {
        throw new LapidaryError(
          `Cannot measure the likelihood of request ${found.length} (from 0): it is not finite; look for damaged weights`,
        );
      }
      found.push({ logLikelihood, isGreedy: targets.every((target, i) => target === likeliest[i]) });
      options.onRequests?.(found.length, requests.length);
    }
  } finally {
    for (const { prepared, inputs, targets, losses, likeliest } of programs.values()) {
      engine.discard(prepared);
      engine.release([...Object.values(inputs), targets, losses, likeliest].map(({ slot }) => slot));
    }
  }
  return found;
}

function padded(length: number, pad: number, values: readonly number[], start: number): Uint32Array {
  const row = new Uint32Array(length).fill(pad);
  row.set(values, start);
  return row;
}

async function prepareRow(engine: Engine, model: Gemma3, T: number): Promise<Row> {
  const inputs = declareBatch(1, T), targets = createTensor("targets", "input", [T], "u32");
  const losses = createTensor("token losses", "output", [T]);
  const likeliest = createTensor("likeliest", "output", [T], "u32");
  const { hiddenSize, vocabSize, finalLogitSoftcapping } = model.config;
  const { program } = record(`likelihoods 1x${T}`, engine.target, () => {
    const hidden = reshape(forward(model, inputs.ids, inputs), [T, hiddenSize]);
    for (const [start, end] of positionChunks(T, vocabSize)) {
      const chunk = rows(hidden, start, end);
      const logits = vocabularyLogits(chunk, model.parameters.embedding, finalLogitSoftcapping);
      accumulate(part(losses, { start, end }), crossEntropy(logits, rows(targets, start, end)), false);
      accumulate(part(likeliest, { start, end }), argmax(logits), false);
    }
  });
  const prepared = await engine.prepare(program);
  await uploadPlaces(engine, inputs);
  return { prepared, inputs, targets, losses, likeliest };
}
