/** Values of a recording: each array once, packed for a page. */
import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import type { DType, HostArray } from "../../../engine/mod.ts";
import type { RecordedArray, Recording } from "../recording.ts";

/** Arrays as they are met; equal ones share their place, as a teacher's weights and those that its student kept do. */
export interface ValueStore {
  /** @returns index into the recording's values */
  add(type: RecordedArray["type"], values: HostArray | Uint8Array): number;
  /** All of them, packed. */
  pack(): Pick<Recording, "values" | "bytes">;
}

/** Bytes of an element. */
const WIDTH: Readonly<Record<DType | "u8", number>> = { f32: 4, u32: 4, bf16: 2, u8: 1 };

/**
 * Where arrays are kept. The bytes of an array are stored plane by plane (all first bytes, all second bytes, ...):
 * exponents lie side by side then, and the empty halves of f32 values that began as bf16 shrink to nothing. Values keep
 * every bit: the page runs kernels on them.
 */
export function createValueStore(): ValueStore {
  const places = new Map<string, number>(), values: RecordedArray[] = [], planes: Uint8Array[] = [];
  let end = 0;
  return {
    add(type, array) {
      const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
      const key = `${type} ${createHash("sha256").update(bytes).digest("hex")} ${array.length}`;
      const known = places.get(key);
      if (known !== undefined) return known;
      places.set(key, values.length);
      planes.push(split(bytes, WIDTH[type]));
      values.push({ type, length: array.length, start: end });
      end += bytes.length;
      return values.length - 1;
    },
    pack() {
      const all = new Uint8Array(end);
      planes.forEach((plane, i) => all.set(plane, values[i]!.start));
      return { values, bytes: deflateSync(all, { level: 9 }).toString("base64") };
    },
  };
}

function split(bytes: Uint8Array, width: number): Uint8Array {
  const length = bytes.length / width;
  return Uint8Array.from(bytes, (_, i) => bytes[(i % length) * width + Math.floor(i / length)]!);
}
