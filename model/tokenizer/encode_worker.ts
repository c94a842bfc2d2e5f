/** A thread of encode_many.ts. */
import { createEncoder, type Encoder } from "./encoder.ts";
import type { EncoderTables } from "./tables.ts";

/** The first message. */
export interface Start {
  readonly tables: EncoderTables;
  readonly vocabSize: number;
}

/** Every other message. */
export interface Work {
  readonly texts: readonly string[];
}

/** The answer to work: ids by text, nothing for a text that is refused; or why the work failed. */
export type Reply = { readonly ids: (Uint32Array<ArrayBuffer> | undefined)[] } | { readonly failure: string };

let encoder: Encoder;
let vocabSize: number;

self.addEventListener("message", ({ data }: MessageEvent<Start | Work>) => {
  if ("tables" in data) {
    encoder = createEncoder(data.tables);
    vocabSize = data.vocabSize;
    return;
  }
  const reply = encodeAll(data.texts);
  const buffers = "ids" in reply ? reply.ids.flatMap((list) => list ? [list.buffer] : []) : [];
  (self as unknown as Worker).postMessage(reply, buffers);
});

function encodeAll(texts: readonly string[]): Reply {
  try {
    return {
      ids: texts.map((text) => {
        const ids = text.isWellFormed() ? encoder(text, true) : undefined;
        return ids?.every((id) => id < vocabSize) ? Uint32Array.from(ids) : undefined;
      }),
    };
  } catch (error) {
    return { failure: String(error) };
  }
}
