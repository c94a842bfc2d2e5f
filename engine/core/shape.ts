/** Axis lengths, slowest first; `[]` is a scalar. */
export type Shape = readonly number[];

/**
 * Number of elements of a shape.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { elementCount } from "./shape.ts";
 * assert.equal(elementCount([2, 3]), 6);
 * assert.equal(elementCount([]), 1);
 * ```
 */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** `[2, 1152]`, the one notation of shapes in messages. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** True when both shapes have the same axes. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** Length of an axis; negative axes count from the end. */
export function axis(shape: Shape, index: number): number {
  const length = shape.at(index);
  if (length === undefined) {
    throw new RangeError(`Axis ${index} does not exist in shape ${formatShape(shape)}`);
  }
  return length;
}

/** All axes but the last multiplied: a tensor seen as rows of its last axis. */
export function rowCount(shape: Shape): number {
  return elementCount(shape.slice(0, -1));
}

/** Smallest multiple of `step` that is at least `value`. */
export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
