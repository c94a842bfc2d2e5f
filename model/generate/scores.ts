/**
 * Index of the largest value; of equal ones the first.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.equal(argmax(Float32Array.of(1, 3, 3)), 1);
 * ```
 */
export function argmax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) {
    if (values[i]! > values[best]!) best = i;
  }
  return best;
}

/**
 * Indices of the `count` largest values, largest first; of equal ones the first comes first. Fewer where there are fewer.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(topIndices(Float32Array.of(1, 3, 2, 3), 3), [1, 3, 2]);
 * ```
 */
export function topIndices(values: ArrayLike<number>, count: number): number[] {
  const top: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (top.length === count && value <= values[top[count - 1]!]!) continue;
    let place = top.length;
    while (place > 0 && values[top[place - 1]!]! < value) place--;
    top.splice(place, 0, i);
    if (top.length > count) top.pop();
  }
  return top;
}

/**
 * Replaces the logits of one row by their log-probabilities: `x - max - log(sum(exp(x - max)))`, summed in f64, stored as f32.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const row = Float32Array.of(0, 0);
 * logSoftmax(row);
 * assert.deepEqual(row, Float32Array.of(-Math.LN2, -Math.LN2));
 * ```
 */
export function logSoftmax(row: Float32Array): void {
  const max = row[argmax(row)]!;
  let sum = 0;
  for (const logit of row) sum += Math.exp(logit - max);
  const logTotal = max + Math.log(sum);
  for (let i = 0; i < row.length; i++) row[i] = row[i]! - logTotal;
}
