import { ALIGNMENT } from "../gpu/buffers.ts";
import type { Dispatch, Program } from "./program.ts";

/** The different blocks of scalars of a Program, and which one each dispatch binds. */
export interface ParamBlocks {
  readonly blocks: readonly Uint32Array[];
  readonly of: readonly number[];
}

/** Layers and micro-batches launch alike: few blocks serve many dispatches. */
export function paramBlocks({ dispatches }: Program): ParamBlocks {
  const known = new Map<string, number>(), blocks: Uint32Array[] = [];
  const of = dispatches.map((dispatch) => {
    const block = pack(dispatch), key = block.join();
    let index = known.get(key);
    if (index === undefined) {
      known.set(key, index = blocks.length);
      blocks.push(block);
    }
    return index;
  });
  return { blocks, of };
}

/** Bytes of the uniform buffer of a Program. */
export const paramBytes = (program: Program): number =>
  Math.max(1, paramBlocks(program).blocks.length) * ALIGNMENT;

/** A dispatch's scalars as its kernel declares them, four bytes each. */
function pack({ kernel, params }: Dispatch): Uint32Array {
  const words = new Uint32Array(kernel.params.length), floats = new Float32Array(words.buffer);
  kernel.params.forEach(({ name, type }, field) => {
    if (type === "f32") floats[field] = params[name]!;
    else words[field] = params[name]!;
  });
  return words;
}
