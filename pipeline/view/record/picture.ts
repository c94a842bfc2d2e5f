/** What a tensor looks like when its values are too many to keep. */
import { type DType, elementCount, type HostArray, part, type Tensor } from "../../../engine/mod.ts";
import type { Picture } from "../recording.ts";
import type { ValueStore } from "./values.ts";

/** Rows and columns of a picture at most: what a heat map on a telephone can show apart. */
const ROWS = 32, COLUMNS = 32;
/** Elements up to which a tensor is read whole before it is thinned out. */
const WHOLE = 2 ** 18;

/** The rows to read of a tensor, evenly apart: all of them where it is small. */
export function sampledRows(tensor: Tensor): { readonly parts: readonly Tensor[]; readonly every: number } {
  const [rows, columns] = rowsAndColumns(tensor.shape);
  if (rows * columns <= WHOLE) return { parts: [tensor], every: 1 };
  const every = Math.ceil(rows / ROWS), width = Math.min(columns, WHOLE / ROWS);
  const starts = Array.from({ length: Math.ceil(rows / every) }, (_, i) => i * every * columns);
  return { parts: starts.map((start) => part(tensor, { start, end: start + width })), every };
}

/** All axes but the last as rows. */
export function rowsAndColumns(shape: readonly number[]): [rows: number, columns: number] {
  const columns = shape.at(-1) ?? 1;
  return [columns === 0 ? 0 : elementCount(shape) / columns, columns];
}

/** Values as numbers; bf16 is the upper half of an f32. */
export function numbers(dtype: DType, values: HostArray): Float32Array | Uint32Array {
  if (dtype !== "bf16") return values as Float32Array | Uint32Array;
  return new Float32Array(Uint32Array.from(values, (bits) => bits << 16).buffer);
}

/**
 * Thins values out to at most {@link ROWS} x {@link COLUMNS} bytes.
 *
 * @param rows of `columns` values each that are given, every `every`-th of the tensor's
 */
export function pictureOf(
  values: ArrayLike<number>,
  [rows, columns]: readonly [number, number],
  every: number,
  store: ValueStore,
): Picture {
  const down = Math.ceil(rows / ROWS), across = Math.ceil(columns / COLUMNS);
  const shown = { rows: Math.ceil(rows / down), columns: Math.ceil(columns / across) };
  const at = (i: number) =>
    values[Math.floor(i / shown.columns) * down * columns + (i % shown.columns) * across]!;
  const picked = Float64Array.from({ length: shown.rows * shown.columns }, (_, i) => at(i));
  const scale = picked.reduce((most, v) => Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most, 0);
  const bytes = Uint8Array.from(
    picked,
    (v) => Number.isFinite(v) ? 128 + Math.round(127 * v / (scale || 1)) : 0,
  );
  return { value: store.add("u8", bytes), ...shown, every: [down * every, across], scale };
}
