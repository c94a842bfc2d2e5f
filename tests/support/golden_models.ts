import { type Engine, output, record, reshape, type Tensor } from "../../engine/mod.ts";
import {
  declareBatch,
  forward,
  type Gemma3,
  loadGemma3,
  uploadPlaces,
  vocabularyLogits,
} from "../../model/gemma3/mod.ts";
import { openSafetensors } from "../../model/safetensors/mod.ts";
import { type OpenedModel, openModel } from "../../model/weights/mod.ts";

/** The tiny models of tests/golden/tiny_models.py. */
export const GOLDEN_MODELS = ["tiny_micro", "tiny_a", "tiny_b", "tiny_c", "tiny_d"];
/** More positions than any padded golden row has. */
const POSITIONS = 32;

const path = (name: string) =>
  decodeURIComponent(new URL(`../golden/data/${name}`, import.meta.url).pathname);

/** Opens a tiny model and closes it afterwards. */
export async function withGoldenModel<T>(name: string, use: (opened: OpenedModel) => Promise<T>): Promise<T> {
  const opened = await openModel(path(name));
  try {
    return await use(opened);
  } finally {
    opened.weights.close();
  }
}

/** A tiny model on the device; its memory is the test process's until the end. */
export const loadGoldenModel = (engine: Engine, name: string): Promise<Gemma3> =>
  withGoldenModel(
    name,
    ({ config, weights }) =>
      loadGemma3(engine, config, weights.readF32, { label: name, positions: POSITIONS }),
  );

/** The first `count` rows of ids of a tiny model. */
export async function goldenRows(name: string, count: number): Promise<Uint32Array<ArrayBuffer>[]> {
  const lines = (await Deno.readTextFile(path(`${name}_golden/rows.jsonl`))).split("\n").slice(0, count);
  return lines.map((line) => Uint32Array.from(JSON.parse(line).input_ids as number[]));
}

/** One JSON file of golden values. */
export async function goldenJson<T>(name: string, file: string): Promise<T> {
  return JSON.parse(await Deno.readTextFile(path(`${name}_golden/${file}`)));
}

/** All tensors of one file of golden values, by name. */
export async function goldenTensors(name: string, file: string): Promise<Map<string, Float32Array>> {
  const source = await openSafetensors(path(`${name}_golden/${file}`));
  try {
    const tensors = new Map<string, Float32Array>();
    for (const tensor of source.names()) tensors.set(tensor, await source.readF32(tensor));
    return tensors;
  } finally {
    source.close();
  }
}

/** What a forward pass gives: [B, T, V] logits, [B, T, C] states after the embedding, each block and the final norm. */
export interface ForwardRun {
  readonly logits: Float32Array;
  readonly states: Float32Array[];
}

/** Runs a model on B rows of T ids (`ids` flat), keeping every hidden state. */
export async function runForward(
  engine: Engine,
  model: Gemma3,
  ids: Uint32Array,
  B = 1,
  firstKeys?: readonly number[],
): Promise<ForwardRun> {
  const T = ids.length / B, batch = declareBatch(B, T);
  const { program, result } = record("golden forward", engine.target, () => {
    const states: Tensor[] = [];
    const last = forward(model, batch.ids, batch, {
      block: (layer, input, block) => states.push(...(layer === 0 ? [input, block] : [block])),
    });
    const { embedding } = model.parameters, { hiddenSize, finalLogitSoftcapping } = model.config;
    const logits = vocabularyLogits(reshape(last, [B * T, hiddenSize]), embedding, finalLogitSoftcapping);
    return [logits, ...states, last].map((tensor) => output("golden", tensor));
  });
  const prepared = await engine.prepare(program);
  await engine.write(batch.ids, ids);
  await uploadPlaces(engine, batch, firstKeys && { first: firstKeys, end: firstKeys.map(() => T) });
  engine.run(prepared);
  const values: Float32Array[] = [];
  for (const tensor of result) values.push(await engine.read(tensor) as Float32Array);
  engine.release([...result, batch.ids, batch.positions, batch.spans].map(({ slot }) => slot));
  return { logits: values[0]!, states: values.slice(1) };
}
