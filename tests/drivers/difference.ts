import type { Walked } from "./walk.ts";

/** Largest |a - b| of two tensors, of the largest |a|; 0 only where all values are equal. */
function relative(a: readonly number[], b: readonly number[]): number {
  let difference = 0, largest = 0;
  a.forEach((x, i) => {
    difference = Math.max(difference, Math.abs(x - b[i]!));
    largest = Math.max(largest, Math.abs(x));
  });
  return difference === 0 ? 0 : difference / largest;
}

/**
 * Largest difference of one op on two drivers, of the largest value of its tensor, over the cases that ran on both.
 * Throws TypeError where two results have different lengths, or no case ran on both.
 */
export function largestDifference(
  a: ReadonlyMap<string, Walked>,
  b: ReadonlyMap<string, Walked>,
): number {
  const differences = [...a].flatMap(([name, { values }]) => {
    const others = b.get(name)?.values;
    if (!values || !others) return [];
    return values.map((tensor, i) => {
      if (tensor.length !== others[i]?.length) throw new TypeError(`${name}: tensor ${i} has another length`);
      return relative(tensor, others[i]);
    });
  });
  if (differences.length === 0) throw new TypeError("No case ran on both drivers");
  return Math.max(...differences);
}
