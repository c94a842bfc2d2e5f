import {
  createTensor,
  embedding,
  type Engine,
  output,
  record,
  reshape,
  rows,
  type Slot,
  type Tensor,
} from "../../engine/mod.ts";
import { extendCache, type KeyValues } from "./cache/mod.ts";
import { forward, type Gemma3 } from "./forward.ts";
import { type BatchInputs, declareBatch, NO_END } from "./load.ts";
import { vocabularyLogits } from "./logits.ts";

/** A Program that feeds T tokens to each of R rows after what the cache holds. */
export interface Extension {
  /** Runs it; row r continues row `parents[r]`, whose first `length` tokens are cached. */
  run(ids: readonly (readonly number[])[], parents: readonly number[], length: number): Promise<void>;
  /** f32 [R, V]: logits after the last token of each row. */
  readonly logits: Tensor;
  /** Memory that it alone uses. */
  readonly slots: readonly Slot[];
}

/** Records and prepares an extension that reads `past` and writes `present`. */
export async function prepareExtension(
  engine: Engine,
  model: Gemma3,
  [R, T]: readonly [rows: number, tokens: number],
  past: readonly KeyValues[],
  present: readonly KeyValues[],
): Promise<Extension> {
  const batch = declareBatch(R, T), parents = createTensor("parents", "input", [R], "u32");
  const last = createTensor("last tokens", "input", [R], "u32");
  const { program, result: logits } = record(`generate ${R} x ${T}`, engine.target, () => {
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
    return output("logits", vocabularyLogits(ends, model.parameters.embedding, finalLogitSoftcapping));
  });
  const prepared = await engine.prepare(program);
  await engine.write(last, Uint32Array.from({ length: R }, (_, r) => (r + 1) * T - 1));
  return {
    logits,
    slots: [batch.ids, batch.positions, batch.spans, parents, last, logits].map(({ slot }) => slot),
    async run(ids, parentRows, length) {
      await upload(engine, batch, ids, length);
      await engine.write(parents, Uint32Array.from(parentRows));
      engine.run(prepared);
    },
  };
}

async function upload(
  engine: Engine,
  { ids, positions, spans }: BatchInputs,
  tokens: readonly (readonly number[])[],
  length: number,
): Promise<void> {
  await engine.write(ids, Uint32Array.from(tokens.flat()));
  await engine.write(positions, Uint32Array.from({ length: positions.shape[0]! }, (_, t) => length + t));
  await engine.write(spans, Uint32Array.from(tokens.flatMap(() => [0, length, NO_END])));
}
