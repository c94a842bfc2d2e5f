/** Follows one token from its id to its loss, and in a training step back down to the gradients and one weight. */
import {
  DataError,
  elementCount,
  type Engine,
  formatAccesses,
  type HostArray,
  lineOf,
  type Program,
  type Tensor,
  UsageError,
} from "../../engine/mod.ts";
import type { Tokenizer } from "../../model/tokenizer/mod.ts";
import { type Config, didYouMean } from "../../train/config/mod.ts";
import { openSource, padIdOf, tokenizerOfSource } from "../inputs.ts";
import type { Reporter } from "../reporter.ts";
import { explainersFor } from "./explainers.ts";
import { cosine, rms } from "./numbers.ts";
import { placeOf, type Recorded, recordForward, recordTraining } from "./recorded.ts";
import { see } from "./see.ts";
import type { About, Explanation, Seen, Stop, StreamStep } from "./stop.ts";

/** What is to be explained; undefined takes the default. */
export interface ExplainRequest {
  readonly model: string;
  readonly text: string;
  /** Index of the token, BOS counted; the last but one, as the last predicts a word that nobody wrote. */
  readonly token: number | undefined;
  /** Block that is shown in full; the first. In a step, of the student. */
  readonly layer: number | undefined;
  /** Only stops of this op. */
  readonly op: string | undefined;
  /** A training step in place of a forward pass: loss, gradients, AdamW. */
  readonly backward: boolean;
  /** Says how the model is opened, and of a step which blocks go, loss and optimizer. */
  readonly config: Config;
}

/** Longest text: its logits then stand in memory at once, and its attention can be written out. */
const MOST_TOKENS = 128;

/**
 * Explains one token's way through a model.
 *
 * @throws {UsageError} for a token, block or op that does not exist, with the range or the nearest name
 */
export async function runExplain(
  openEngine: () => Promise<Engine>,
  request: ExplainRequest,
  reporter: Reporter,
): Promise<Explanation> {
  const { config, model: path } = request;
  const source = await openSource(path, config, reporter), { opened } = source;
  try {
    const tokenizer = tokenizerOfSource(source), ids = tokenizer.encode(request.text);
    const pieces = tokenizer.pieces(ids), T = ids.length;
    if (T > MOST_TOKENS) {
      throw new UsageError(`Cannot explain a text of ${T} tokens: give one of at most ${MOST_TOKENS}`);
    }
    const token = request.token ?? Math.max(0, T - 2);
    if (token >= T) {
      const list = pieces.map((piece, i) => `${i} ${JSON.stringify(piece)}`).join(", ");
      throw new UsageError(
        `Cannot explain token ${token}: the text has tokens 0 to ${T - 1} (${list}); choose among them`,
      );
    }
    checkLayer(request.layer, opened.config.numHiddenLayers);
    const engine = await openEngine();
    const recorded = request.backward
      ? await recordTraining(engine, opened, ids, config, padIdOf(source))
      : await recordForward(engine, opened, ids);
    const { prepared: { program }, model, weightOf } = recorded, layer = request.layer ?? 0;
    checkLayer(layer, model.config.numHiddenLayers);
    const weight = weightOf(layer),
      chosen = choose(program, recorded, { layer, id: ids[token]!, updated: weight.tensor });
    const stops = filtered(program, chosen.stops, request.op);
    const place = { T, token, id: ids[token]!, weight: weight.tensor.offset };
    const table = tableOf(
      await opened.weights.readF32("model.embed_tokens.weight"),
      opened.config.hiddenSize,
    );
    // What stops lean on is seen with them: logits by the loss, the gradient of logits by that of states.
    const seen = await see(engine, recorded.prepared, new Set([...chosen.stops, ...chosen.stream]), place);
    engine.discard(recorded.prepared);
    engine.release([...program.lifetimes.keys()].filter(({ role }) => role !== "temporary"));
    const about: About = {
      ...{
        T,
        token,
        ids,
        eps: model.config.rmsNormEps,
        cap: model.config.finalLogitSoftcapping,
        embeddingRow: table.row,
      },
      piece: (id) => pieceOf(tokenizer, id),
    };
    const explain = explainersFor(about, table, config.loss, weight.name, seen.values().toArray());
    return {
      model: path,
      tokens: [...ids].map((id, i) => ({ id, piece: pieces[i]! })),
      token,
      layer,
      dropped: recorded.dropped,
      stream: request.op === undefined ? streamOf(program, recorded, seen) : [],
      stops: stops.map((index) => stopOf(seen.get(index)!, recorded, program, about, explain)),
    };
  } finally {
    opened.weights.close();
  }
}

function checkLayer(layer: number | undefined, layers: number): void {
  if (layer === undefined || layer < layers) return;
  throw new UsageError(
    `Cannot explain block ${layer}: the model has blocks 0 to ${layers - 1}; choose among them`,
  );
}

/** How the vocabulary spells a word; a model may have rows for words that its tokenizer does not know. */
function pieceOf(tokenizer: Tokenizer, id: number): string {
  try {
    return tokenizer.pieces([id])[0]!;
  } catch (error) {
    if (error instanceof DataError) return "(no such word)";
    throw error;
  }
}

/** Rows of the embedding on the host. */
function tableOf(values: HostArray, C: number) {
  return {
    V: values.length / C,
    row: (id: number) => Float64Array.from(values.subarray(id * C, (id + 1) * C) as Float32Array),
  };
}

/** Places of a Program that are explained, in its order, and those that only tell of the stream. */
function choose(
  program: Program,
  { prefix }: Recorded,
  { layer, id, updated }: { readonly layer: number; readonly id: number; readonly updated: Tensor },
): { stops: number[]; stream: number[] } {
  const places = program.dispatches.map((_, index) => placeOf(program, index, prefix));
  const first = program.dispatches.findIndex(({ op }) => op === "logits");
  const last = program.dispatches.findLastIndex(({ op, tensors }) =>
    op === "logits.backward" && tensors.C!.slot.role === "temporary"
  );
  const whole = new Set(["embedding", "norm", "cross-entropy", "backward/norm", "backward/embedding"]);
  const isStop = (index: number) => {
    const { op, tensors } = program.dispatches[index]!, place = places[index]!;
    if (op === "adamw") {
      const { slot, offset, shape } = tensors.p!, at = updated.offset - offset; // large arenas go in slices
      return slot === updated.slot && at >= 0 && at < elementCount(shape);
    }
    const table = tensors.table ?? tensors.gradient; // bound in slices where it is large: that of the id counts
    if (op.startsWith("embedding") && table) {
      const first = program.dispatches[index]!.params.first!;
      if (id < first || id >= first + table.shape[0]!) return false;
    }
    if (index === first || index === last || op === "pair_loss" || op === "clip") return true;
    return whole.has(place) || place.startsWith(`block ${layer}/`) ||
      place.startsWith(`backward/block ${layer}/`);
  };
  const isStream = (index: number) =>
    /^(block \d+\/mlp|backward\/block \d+\/attention)$/.test(places[index]!) &&
    program.dispatches[index]!.op.startsWith("rms_norm");
  const all = [...program.dispatches.keys()];
  return { stops: all.filter(isStop), stream: all.filter(isStream) };
}

/** The stops of one op. */
function filtered(
  { dispatches }: Program,
  stops: readonly number[],
  op: string | undefined,
): readonly number[] {
  if (op === undefined) return stops;
  const found = stops.filter((index) => dispatches[index]!.op === op);
  if (found.length > 0) return found;
  const names = [...new Set(stops.map((index) => dispatches[index]!.op))];
  throw new UsageError(
    `Cannot explain the op "${op}": it is not on the way${
      didYouMean(op, names, `choose among ${names.join(", ")}`)
    }`,
  );
}

/** What each block makes of the stream. */
function streamOf(
  program: Program,
  { prefix, model }: Recorded,
  seen: ReadonlyMap<number, Seen>,
): StreamStep[] {
  const at = (place: string, binding: string) =>
    seen.values().filter(({ index, values }) =>
      placeOf(program, index, prefix) === place && values[binding] !== undefined
    ).toArray().at(-1)?.values[binding];
  let before = at("embedding", "y")!;
  return model.config.layerTypes.map((_, block) => {
    const after = at(`block ${block}/mlp`, "y")!, gradient = at(`backward/block ${block}/attention`, "dx");
    const step = {
      block,
      rms: rms(after),
      cosine: cosine(before, after),
      gradientRms: gradient && rms(gradient),
    };
    before = after;
    return step;
  });
}

/** Values that are shown of each result. */
const SHOWN = 4;

/** The token's part of a result, where it has one: what attention keeps whole holds that of others too. */
function ofToken({ values, dispatch }: Seen, name: string, { T, token }: About): Float64Array | undefined {
  const kept = values[name], { op, tensors } = dispatch;
  if (!kept || op === "logits" || op === "pair_loss") return undefined; // in panels of words
  if (!op.startsWith("attention")) return kept;
  const share = elementCount(tensors[name]!.shape) / T;
  return kept.subarray(token * share, (token + 1) * share);
}

function stopOf(
  seen: Seen,
  { nameOf, prefix }: Recorded,
  program: Program,
  about: About,
  explain: ReturnType<typeof explainersFor>,
): Stop {
  const { dispatch, index } = seen, { op, kernel, bytes, flops } = dispatch;
  const results = kernel.bindings.filter(({ access }) => access === "read_write").map(({ name }) => name);
  const file = kernel.file.startsWith("ops/") ? `engine/${kernel.file}` : kernel.file;
  return {
    dispatch: index,
    op,
    scope: placeOf(program, index, prefix),
    shapes: formatAccesses(
      dispatch,
      (binding, tensor) => `${binding}: ${nameOf(tensor) ?? tensor.slot.name}`,
    ),
    source: `${file}:${lineOf(kernel, results[0]!)}`,
    bytes,
    flops,
    values: results.flatMap((name) => {
      const values = ofToken(seen, name, about);
      return values ? [{ name, first: [...values.subarray(0, SHOWN)] }] : [];
    }),
    ...explain(seen),
  };
}
