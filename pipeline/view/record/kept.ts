/** Which dispatches of a step are recorded with all their values, so that a page can run them again. */
import { accesses, byteLength, type Dispatch, elementCount, part, type Tensor } from "../../../engine/mod.ts";
import type { RecordedDispatch } from "../recording.ts";

/** Bytes of the largest tensor that is kept whole. */
const LARGEST = 2 ** 18;
/** Elements that stand for a long stretch of memory which a kernel walks element by element, as AdamW walks the model. */
const SAMPLE = 4096;

/** What is kept of a dispatch: its tensors, or of long ones the first elements, where the kernel can stop there. */
export interface Kept {
  /** Tensor of each binding, shortened where it is a sample. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly sample?: NonNullable<RecordedDispatch["sample"]>;
}

/** Blocks whose values are kept. Blocks are alike: these stand for all. */
export interface KeptBlocks {
  readonly student: ReadonlySet<number>;
  readonly teacher: ReadonlySet<number>;
}

/**
 * The blocks to keep: of the student the first, the first with full attention, and the last; of the teacher the last.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { keptBlocks } from "./kept.ts";
 * const kinds = ["sliding_attention", "full_attention", "sliding_attention", "sliding_attention"] as const;
 * assert.deepEqual([...keptBlocks({ teacher: kinds, student: kinds }).student], [0, 1, 3]);
 * ```
 */
export function keptBlocks(
  { teacher, student }: { readonly teacher: readonly string[]; readonly student: readonly string[] },
): KeptBlocks {
  const full = student.indexOf("full_attention");
  return {
    student: new Set([0, ...full < 0 ? [] : [full], student.length - 1]),
    teacher: new Set([teacher.length - 1]),
  };
}

/** What to keep of a dispatch, or nothing: it stands in another block, or touches too much. */
export function keptOf(dispatch: Dispatch, blocks: KeptBlocks): Kept | undefined {
  const block = /(student|teacher)\/(?:.*\/)?block (\d+)(?:\/|$)/.exec(dispatch.scope);
  if (block && !blocks[block[1] as keyof KeptBlocks].has(Number(block[2]))) return undefined;
  const used = accesses(dispatch), long = used.filter(({ tensor }) => byteLength(tensor) > LARGEST);
  if (long.length === 0) return { tensors: dispatch.tensors };
  return sampled(dispatch, long.map(({ tensor }) => tensor));
}

/** A kernel whose invocation i reads and writes element i of everything long, up to `count`, can stop early. */
function sampled(dispatch: Dispatch, long: readonly Tensor[]): Kept | undefined {
  const { count } = dispatch.params, length = elementCount(long[0]!.shape), each = length / (count ?? 0);
  const walks = /let i = [^;]*;[^]*if \(i >= params\.count\) \{ return; \}/.test(dispatch.kernel.code);
  if (!walks || (each !== 1 && each !== 4) || long.some(({ shape }) => elementCount(shape) !== length)) {
    return undefined;
  }
  const first = { start: 0, end: SAMPLE };
  return {
    tensors: Object.fromEntries(
      Object.entries(dispatch.tensors).map(([name, tensor]) => [
        name,
        long.includes(tensor) ? part(tensor, first) : tensor,
      ]),
    ),
    sample: { elements: SAMPLE, count: SAMPLE / each },
  };
}
