/** The recording inside the page, unpacked. */
import type { RecordedArray, Recording } from "../recording.ts";

/** Values as they stand in memory; bf16 is its bits. */
export type Values =
  | Float32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

/** A recording with its values at hand. */
export interface Opened {
  readonly recording: Recording;
  /** Values by their index. */
  values(index: number): Values;
}

const KINDS = { f32: Float32Array, u32: Uint32Array, bf16: Uint16Array, u8: Uint8Array } as const;

/** A document that carries arrays of values, as values.ts packs them. */
export type Carrying = Pick<Recording, "values" | "bytes">;

/** Unpacks what html.ts packed: JSON, deflated, in base64; inside it the bytes of all values alike. */
export async function openPacked<D extends Carrying>(
  packed: string,
): Promise<{ readonly document: D; values(index: number): Values }> {
  const document: D = JSON.parse(new TextDecoder().decode(await inflate(packed)));
  const bytes = await inflate(document.bytes), known = new Map<number, Values>();
  return {
    document,
    values(index) {
      let found = known.get(index);
      if (!found) known.set(index, found = join(bytes, document.values[index]!));
      return found;
    },
  };
}

/** A recording unpacked. */
export async function openRecording(packed: string): Promise<Opened> {
  const { document: recording, values } = await openPacked<Recording>(packed);
  return { recording, values };
}

async function inflate(base64: string): Promise<Uint8Array<ArrayBuffer>> {
  const text = atob(base64.trim()), bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** An array from its planes of bytes. */
function join(all: Uint8Array, { type, length, start }: RecordedArray): Values {
  const Kind = KINDS[type], width = Kind.BYTES_PER_ELEMENT, bytes = new Uint8Array(length * width);
  for (let plane = 0; plane < width; plane++) {
    for (let i = 0; i < length; i++) bytes[i * width + plane] = all[start + plane * length + i]!;
  }
  return new Kind(bytes.buffer);
}
