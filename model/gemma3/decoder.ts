import {
  DeviceError,
  type Engine,
  type Program,
  rows as rowsOf,
  type Target,
  UsageError,
} from "../../engine/mod.ts";
import type { Gemma3Config } from "../config/mod.ts";
import { checkPrompt, type Decoder } from "../generate/mod.ts";
import { createKeyValues, createText } from "./cache/mod.ts";
import { type Extension, prepareExtension, recordExtension } from "./extension.ts";
import type { Gemma3 } from "./forward.ts";
import { widestActivation } from "./width.ts";

/** How much a decoder can hold. */
export interface DecoderOptions {
  /** Most tokens of a row, prompt and continuation together. */
  readonly maxLength: number;
  /** Most rows at once, which is the number of beams; default 1. */
  readonly maxRows?: number;
}

/** A decoder on the device; calls wait for one another's results. */
export interface Gemma3Decoder extends Decoder {
  /** Gives the memory of the cache back; the model stays. */
  close(): void;
}

/** Prompts are fed in pieces of at most this many tokens, so that activations stay small. */
const PIECE = 256;

/** Tokens that greedy decoding submits before it reads any: few at first, as a short answer ends soon. */
const FIRST_AHEAD = 4, MOST_AHEAD = 32;

/**
 * Bytes of the key-value cache: 2 sets · 2 (keys and values) · layers · rows · kv_heads · S · head_dim · 4, with S
 * the length.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const config = { numHiddenLayers: 18, numKeyValueHeads: 1, headDim: 256 };
 * assert.equal(cacheBytes(config, { maxLength: 500, maxRows: 3 }), 2 * 2 * 18 * 3 * 1 * 500 * 256 * 4);
 * ```
 */
export function cacheBytes(
  { numHiddenLayers, numKeyValueHeads, headDim }: Pick<
    Gemma3Config,
    "numHiddenLayers" | "numKeyValueHeads" | "headDim"
  >,
  { maxLength, maxRows = 1 }: DecoderOptions,
): number {
  return 2 * 2 * numHiddenLayers * maxRows * numKeyValueHeads * maxLength * headDim * 4;
}

/**
 * The largest Program of a decoder of one row, which feeds a whole piece of a prompt: enough to plan memory with.
 *
 * @param model may be without values
 */
export function recordPrefill(target: Target, model: Gemma3, { maxLength }: DecoderOptions): Program {
  const [past, present] = [
    createKeyValues(model.config, 1, maxLength),
    createKeyValues(model.config, 1, maxLength),
  ];
  const shape = [1, Math.min(PIECE, maxLength)] as const;
  return recordExtension(target, { model, shape, past, present, text: createText(maxLength) }).program;
}

/**
 * A Gemma 3 that remembers: every token passes through the blocks once, and later ones find its keys and values in a
 * cache. Sliding layers keep all of them too; the mask hides those that left the window.
 *
 * The cache exists twice: a step reads its parents' rows from one set and writes all rows to the other, so that two
 * beams can go on from one. A Program is recorded for each number of rows and tokens and each direction, and replayed.
 *
 * @throws {UsageError} when the model has, or was loaded for, fewer positions than `maxLength`; `prefill` and `step` when
 * an id is outside the vocabulary or there are more tokens or rows than the decoder holds.
 * @throws {DeviceError} when the keys of one block are more than a binding of the device covers.
 */
export function createDecoder(engine: Engine, model: Gemma3, options: DecoderOptions): Gemma3Decoder {
  const { config } = model, { maxLength, maxRows = 1 } = options;
  checkPositions(model, maxLength);
  const bindable = engine.target.maxBinding / 4;
  checkBinding(maxRows * maxLength * config.numKeyValueHeads * config.headDim, bindable, options);
  const sets = [0, 1].map(() => createKeyValues(config, maxRows, maxLength));
  const text = createText(maxLength), extensions = new Map<string, Extension>();
  let newest = 0, rows = 0, length = 0;

  async function extensionInto(set: number, R: number, T: number): Promise<Extension> {
    const key = [set, R, T].join();
    const known = extensions.get(key);
    if (known) return known;
    const [past, present] = [sets[1 - set]!, sets[set]!];
    const made = await prepareExtension(engine, { model, shape: [R, T], past, present, text });
    extensions.set(key, made);
    return made;
  }

  async function extend(ids: readonly (readonly number[])[], parents: readonly number[]): Promise<Extension> {
    const extension = await extensionInto(1 - newest, ids.length, ids[0]!.length);
    await extension.run(ids, parents, length);
    newest = 1 - newest;
    rows = ids.length;
    length += ids[0]!.length;
    return extension;
  }

  function check(ids: readonly (readonly number[])[], total: number): void {
    for (const row of ids) checkPrompt(row, config.vocabSize);
    if (total > maxLength) {
      throw new UsageError(
        `Cannot hold ${total} tokens: the decoder was made for ${maxLength}, prompt and continuation together; ` +
          "make it for more, or give a shorter prompt or a lower max_new_tokens",
      );
    }
    if (ids.length > maxRows) {
      throw new UsageError(
        `Cannot continue ${ids.length} rows at once: the decoder was made for ${maxRows}; make it for more`,
      );
    }
  }

  /** Feeds prompts in pieces; the last piece's extension. */
  async function feed(ids: readonly (readonly number[])[]): Promise<Extension> {
    const total = ids[0]?.length ?? 0;
    if (ids.some((row) => row.length !== total)) {
      throw new TypeError("Cannot feed prompts of different lengths; feed them one after another");
    }
    check(ids, total);
    length = 0;
    const own = ids.map((_, row) => row);
    const fits = Math.floor(bindable / (ids.length * widestActivation(config)));
    const piece = Math.max(1, Math.min(PIECE, fits));
    let extension: Extension | undefined;
    for (let start = 0; start < total; start += piece) {
      extension = await extend(ids.map((row) => row.slice(start, start + piece)), own);
    }
    return extension!;
  }

  /** Feeds the token that the device chose last. */
  async function goOn(): Promise<void> {
    const extension = await extensionInto(1 - newest, 1, 1);
    await extension.runOn(length);
    newest = 1 - newest;
    length++;
  }

  const logitsOf = async ({ logits }: Extension) => await engine.read(logits) as Float32Array;

  return {
    vocabSize: config.vocabSize,
    prefill: async (ids) => await logitsOf(await feed(ids)),
    async greedy(prompt, { count, isEnd }) {
      check([prompt], prompt.length + count - 1);
      await feed([prompt]);
      const chosen: number[] = [];
      for (let ahead = FIRST_AHEAD; chosen.length < count; ahead = Math.min(MOST_AHEAD, 2 * ahead)) {
        const known = Math.min(count, chosen.length + ahead);
        while (length < prompt.length + known - 1) await goOn();
        const tokens = rowsOf(text.tokens, prompt.length, prompt.length + known);
        chosen.push(...(await engine.read(tokens)).subarray(chosen.length));
        const end = chosen.findIndex(isEnd);
        if (end >= 0) return chosen.slice(0, end + 1);
      }
      return chosen;
    },
    async step(tokens, parents) {
      if (tokens.length !== parents.length || parents.some((parent) => !(parent >= 0 && parent < rows))) {
        throw new TypeError(
          `Cannot continue rows [${parents}] by ${tokens.length} tokens as there are ${rows} rows`,
        );
      }
      const ids = tokens.map((token) => [token]);
      check(ids, length + 1);
      return await logitsOf(await extend(ids, parents));
    },
    close() {
      engine.release(sets.flat().flatMap(({ keys, values }) => [keys.slot, values.slot]));
      engine.release([text.next.slot, text.tokens.slot]);
      for (const { slots, prepared } of extensions.values()) {
        engine.release(slots);
        engine.discard(prepared);
      }
      extensions.clear();
    },
  };
}

function checkPositions({ config, rope }: Gemma3, maxLength: number): void {
  if (maxLength > config.maxPositionEmbeddings) {
    throw new UsageError(
      `Cannot generate up to ${maxLength} tokens, prompt included: the model has ${config.maxPositionEmbeddings} ` +
        "positions (max_position_embeddings); give a shorter prompt or a lower max_new_tokens",
    );
  }
  const loaded = rope.full_attention.cosine.shape[0]!;
  if (maxLength > loaded) {
    throw new UsageError(
      `Cannot generate up to ${maxLength} tokens, prompt included: the model was loaded for ${loaded} positions; ` +
        "load it for more",
    );
  }
}

function checkBinding(keys: number, bindable: number, { maxLength, maxRows = 1 }: DecoderOptions): void {
  if (keys <= bindable) return;
  throw new DeviceError(
    `Cannot cache ${maxRows} rows of ${maxLength} tokens: the keys of one block are ${keys} numbers and a binding of ` +
      `this device covers ${bindable}; give a shorter prompt, a lower max_new_tokens or a lower num_beams`,
  );
}
