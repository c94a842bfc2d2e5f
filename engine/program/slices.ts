import { elementCount } from "../core/shape.ts";
import { target } from "./record.ts";
import type { Tensor } from "./tensor.ts";

/** Elements per 256 bytes: slices start on binding offsets that every adapter accepts. */
const STEP = 64;

/** One piece of a flat tensor: elements `start` to `end`. */
export interface Slice {
  readonly start: number;
  readonly end: number;
}

/**
 * Splits `rowCount` rows of `rowLength` elements so that one binding can cover each piece. A single piece where it fits.
 *
 * @param rowLength elements of one row, of four bytes at most; pieces begin at multiples of 64 rows, so any row length keeps alignment
 * @throws RangeError when 64 rows are longer than a binding
 * @example Rows of 640 floats in bindings of 256 KiB
 * ```ts
 * import assert from "node:assert/strict";
 * import { slices } from "./slices.ts";
 * assert.deepEqual(slices(150, 640, 2 ** 18), [
 *   { start: 0, end: 64 },
 *   { start: 64, end: 128 },
 *   { start: 128, end: 150 },
 * ]);
 * ```
 */
export function slices(rowCount: number, rowLength = 1, maxBinding = target().maxBinding): Slice[] {
  const fits = Math.floor(maxBinding / 4 / rowLength);
  if (rowCount <= fits) return [{ start: 0, end: rowCount }];
  const length = Math.floor(fits / STEP) * STEP;
  if (length === 0) {
    throw new RangeError(
      `Cannot slice rows of ${rowLength} elements as a binding covers ${maxBinding} bytes`,
    );
  }
  return Array.from({ length: Math.ceil(rowCount / length) }, (_, i) => ({
    start: i * length,
    end: Math.min(rowCount, (i + 1) * length),
  }));
}

/** The elements `slice` of a tensor seen flat. */
export function part(tensor: Tensor, { start, end }: Slice): Tensor {
  return {
    slot: tensor.slot,
    offset: tensor.offset + start,
    shape: [end - start],
    dtype: tensor.dtype,
    differentiable: false,
  };
}

/** Flat pieces of a tensor, each small enough for one binding. */
export function flatSlices(tensor: Tensor): Slice[] {
  return slices(elementCount(tensor.shape));
}

/**
 * A grid of at least `groups` workgroups, folded into two axes; kernels unfold it as `y * groups.x + x`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { foldedGrid } from "./slices.ts";
 * assert.deepEqual(foldedGrid(1000), [1000, 1, 1]);
 * assert.deepEqual(foldedGrid(100_000), [32768, 4, 1]);
 * ```
 */
export function foldedGrid(groups: number): [number, number, number] {
  const width = Math.max(1, Math.min(groups, 32768));
  return [width, Math.max(1, Math.ceil(groups / width)), 1];
}
