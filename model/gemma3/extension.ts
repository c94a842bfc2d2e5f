import {
  argmax,
  createTensor,
  embedding,
  type Engine,
  output,
  type Prepared,
  type Program,
  record,
  reshape,
  rows,
  type Slot,
  type Target,
  type Tensor,
} from "../../engine/mod.ts";
import { appendToken, extendCache, type KeyValues, type Text } from "./cache/mod.ts";
import { forward, type Gemma3 } from "./forward.ts";
import { type BatchInputs, declareBatch, NO_END } from "./load.ts";
import { vocabularyLogits } from "./logits.ts";

/** What an extension reads and writes beside its own inputs. */
export interface ExtensionSpec {
  readonly model: Gemma3;
  /** Rows and tokens of each. */
  readonly shape: readonly [R: number, T: number];
  readonly past: readonly KeyValues[];
  readonly present: readonly KeyValues[];
  /** Receives the likeliest token after a single row, and gives a single token to feed. */
  readonly text: Text;
}

/** A recorded extension. */
export interface RecordedExtension {
  readonly program: Program;
  readonly batch: BatchInputs;
  readonly parents: Tensor;
  /** u32 [R]: last token of each row, in the rows all after one another. */
  readonly last: Tensor;
  readonly logits: Tensor;
}

/** Records a Program that feeds T tokens to each of R rows after what the cache holds. */
export function recordExtension(
  target: Target,
  { model, shape: [R, T], past, present, text }: ExtensionSpec,
): RecordedExtension {
  const declared = declareBatch(R, T), parents = createTensor("parents", "input", [R], "u32");
  const batch = R === 1 && T === 1 ? { ...declared, ids: text.next } : declared;
  const last = createTensor("last tokens", "input", [R], "u32");
  const { program, result: logits } = record(`generate ${R} x ${T}`, target, () => {
    const grow = (before: Tensor, fresh: Tensor, after: Tensor) =>
      extendCache(before, fresh, parents, batch.spans, rows(after, 0, R));
    const hidden = forward(model, batch.ids, batch, {
      remember: (layer) => (keys, values) => ({
        keys: grow(past[layer]!.keys, keys, present[layer]!.keys),
        values: grow(past[layer]!.values, values, present[layer]!.values),
      }),
    });
    const ends = embedding(reshape(hidden, [R * T, model.config.hiddenSize]), last, 1);
    const { finalLogitSoftcapping } = model.config;
    const scores = vocabularyLogits(ends, model.parameters.embedding, finalLogitSoftcapping);
    if (R === 1) appendToken(argmax(scores), batch.spans, T, text);
    return output("logits", scores);
  });
  return { program, batch, parents, last, logits };
}

/** An extension that is ready to run. */
export interface Extension {
  /** Runs it; row r continues row `parents[r]`, whose first `length` tokens are cached. */
  run(ids: readonly (readonly number[])[], parents: readonly number[], length: number): Promise<void>;
  /** Runs a single row by a single token again, the one that the device chose last. */
  runOn(length: number): Promise<void>;
  /** f32 [R, V]: logits after the last token of each row. */
  readonly logits: Tensor;
  /** Memory that it alone uses. */
  readonly slots: readonly Slot[];
  readonly prepared: Prepared;
}

/** Records and prepares an extension. */
export async function prepareExtension(engine: Engine, spec: ExtensionSpec): Promise<Extension> {
  const { program, batch, parents, last, logits } = recordExtension(engine.target, spec);
  const { shape: [R, T], text } = spec, { ids, positions, spans } = batch;
  const prepared = await engine.prepare(program);
  await engine.write(last, Uint32Array.from({ length: R }, (_, r) => (r + 1) * T - 1));
  async function place(length: number): Promise<void> {
    await engine.write(positions, Uint32Array.from({ length: T }, (_, t) => length + t));
    await engine.write(spans, Uint32Array.from(Array.from({ length: R }, () => [0, length, NO_END]).flat()));
  }
  const own = [ids, positions, spans, parents, last, logits].filter((tensor) => tensor !== text.next);
  return {
    logits,
    slots: own.map(({ slot }) => slot),
    prepared,
    async run(tokens, parentRows, length) {
      await engine.write(ids, Uint32Array.from(tokens.flat()));
      await place(length);
      await engine.write(parents, Uint32Array.from(parentRows));
      engine.run(prepared);
    },
    async runOn(length) {
      await place(length);
      await engine.write(parents, Uint32Array.of(0));
      engine.run(prepared);
    },
  };
}
