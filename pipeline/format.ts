/** Numbers for people. */

/**
 * A duration in at most two units.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatDuration } from "./format.ts";
 *
 * assert.deepEqual([0.25, 7.2, 200, 7260].map(formatDuration), ["0.3 s", "7.2 s", "3 min 20 s", "2 h 1 min"]);
 * ```
 */
export function formatDuration(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor(whole % 3600 / 60)} min`;
}

/**
 * Bytes in binary units.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatBytes } from "./format.ts";
 *
 * assert.deepEqual([900, 2048, 1.5 * 2 ** 30].map(formatBytes), ["900 B", "2.0 KiB", "1.5 GiB"]);
 * ```
 */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return power === 0 ? `${bytes} B` : `${(bytes / 1024 ** power).toFixed(1)} ${units[power]}`;
}

/**
 * A difference with its sign: of shares in points, of all else as it is.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatDifference } from "./format.ts";
 *
 * assert.deepEqual([formatDifference(0.015, true), formatDifference(-0.011, false)], ["+1.5", "-0.0110"]);
 * ```
 */
export function formatDifference(value: number, isShare: boolean): string {
  const text = isShare ? (100 * value).toFixed(1) : value.toFixed(4);
  return value > 0 ? `+${text}` : text;
}

/** A whole number with thousands apart: `1,234,567`. */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/**
 * A number of floating-point operations, in the largest of GFLOP, TFLOP and PFLOP of which there is one.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatFlops } from "./format.ts";
 *
 * assert.deepEqual([12e6, 2.254e12, 9.73e15].map(formatFlops), ["0.01 GFLOP", "2.25 TFLOP", "9.73 PFLOP"]);
 * ```
 */
export function formatFlops(flops: number): string {
  const [unit, size] = ([["PFLOP", 1e15], ["TFLOP", 1e12]] as const).find(([, size]) => flops >= size) ??
    ["GFLOP", 1e9];
  return `${(flops / size).toFixed(2)} ${unit}`;
}
