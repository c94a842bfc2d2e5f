/** Heat maps: blue below zero, red above, as strong as the value is large. */
import type { RecordedDispatch, RecordedTensor } from "../recording.ts";
import { h } from "./dom.ts";
import { shapeText, significant } from "./format.ts";
import type { Opened, Values } from "./data.ts";

/** Cells along one side at most. */
const MOST = 128;

/** Numbers in rows and columns, thinned out. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
  /** Rows and columns from one shown to the next. */
  readonly every: readonly [number, number];
  /** NaN where the value is not finite. */
  readonly at: (row: number, column: number) => number;
  readonly scale: number;
}

/** Values as numbers; bf16 is the upper half of an f32. */
export function asNumbers(values: Values): ArrayLike<number> {
  return values instanceof Uint16Array
    ? new Float32Array(Uint32Array.from(values, (bits) => bits << 16).buffer)
    : values;
}

/** Columns that long flat tensors are folded to. */
const FOLD = 64;

/** Length of a row of a tensor: of a flat one that a product reads or writes, of its matrix; of other flat ones a fold. */
export function rowLength(
  { params }: Pick<RecordedDispatch, "params">,
  { shape, name }: RecordedTensor,
): number {
  const last = shape.at(-1) ?? 1, columns = { A: params.K, C: params.N }[name];
  if (shape.length > 1) return last;
  return columns !== undefined && last % columns === 0 ? columns : Math.min(last, FOLD);
}

/** What is recorded of a tensor, to look at: its values, or the picture of them. @param width see {@link rowLength} */
export function gridOf(
  opened: Opened,
  tensor: RecordedTensor,
  width = tensor.shape.at(-1) ?? 1,
): Grid | undefined {
  const index = tensor.after ?? tensor.before;
  if (index !== undefined) return gridOfValues(asNumbers(opened.values(index)), width);
  if (!tensor.picture) return undefined;
  const { value, rows, columns, every, scale } = tensor.picture, bytes = opened.values(value);
  const at = (row: number, column: number) => {
    const byte = bytes[row * columns + column]!;
    return byte === 0 ? NaN : (byte - 128) / 127 * scale;
  };
  return { rows, columns, every, at, scale };
}

/** A grid of values that are there. @param width of a row; long rows are folded */
export function gridOfValues(values: ArrayLike<number>, width: number): Grid {
  const folded = width === 1 ? Math.min(values.length, FOLD) : Math.min(values.length, width);
  const all = Math.ceil(values.length / folded),
    every = [Math.ceil(all / MOST), Math.ceil(folded / MOST)] as const;
  const at = (row: number, column: number) => values[row * every[0] * folded + column * every[1]] ?? NaN;
  const rows = Math.ceil(all / every[0]), columns = Math.ceil(folded / every[1]);
  let scale = 0;
  for (let i = 0; i < rows * columns; i++) {
    const size = Math.abs(at(Math.floor(i / columns), i % columns));
    if (Number.isFinite(size)) scale = Math.max(scale, size);
  }
  return { rows, columns, every, at, scale };
}

/** A picture of a grid with what it is in words. */
export function heatMap(grid: Grid, name: string, shape: readonly number[]): HTMLElement {
  const { rows, columns, every, scale } = grid, canvas = h("canvas", { width: columns, height: rows });
  paint(canvas, grid);
  const thinned = every[0] * every[1] > 1 ? `, one row in ${every[0]} and one column in ${every[1]}` : "";
  const text = `${name} ${shapeText(shape)}: from −${significant(scale)} (blue) to ${
    significant(scale)
  } (red)${thinned}`;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `Heat map of ${text}`);
  return h("figure", { class: "heat" }, canvas, h("figcaption", {}, text));
}

/** Paints a grid, a cell a pixel. */
export function paint(canvas: HTMLCanvasElement, { rows, columns, at, scale }: Grid): void {
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d")!, image = context.createImageData(columns, rows);
  const dark = matchMedia("(prefers-color-scheme: dark)").matches,
    zero = dark ? [21, 27, 35] : [246, 248, 250];
  for (let i = 0; i < rows * columns; i++) {
    const value = at(Math.floor(i / columns), i % columns),
      strength = Math.sqrt(Math.abs(value) / (scale || 1));
    const full = value < 0
      ? (dark ? [92, 179, 245] : [11, 105, 183])
      : (dark ? [255, 139, 107] : [184, 67, 31]);
    const colour = Number.isFinite(value) ? zero.map((c, k) => c + (full[k]! - c) * strength) : [200, 0, 200];
    image.data.set([...colour, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}
