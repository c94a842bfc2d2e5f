/** Numbers and shapes as the page writes them. */

/** `[2, 1152]` */
export const shapeText = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

/** Digits in groups of three. */
export const grouped = (value: number): string => value.toLocaleString("en-US");

/** `12.3 KB`, decimal units. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const power = Math.min(3, Math.floor(Math.log10(bytes) / 3));
  return `${significant(bytes / 1000 ** power)} ${["B", "KB", "MB", "GB"][power]}`;
}

/** Milliseconds, or microseconds below one. */
export function timeText(milliseconds: number): string {
  return milliseconds < 1 ? `${significant(milliseconds * 1000)} µs` : `${significant(milliseconds)} ms`;
}

/** Three significant digits; exponents where digits would be many. */
export function significant(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(2).replace("e+", "e");
  return String(Number(value.toPrecision(3)));
}

/** `41 %` */
export const percent = (share: number): string => `${significant(100 * share)} %`;

/** `1 dispatch`, `2 dispatches`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;
