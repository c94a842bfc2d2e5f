import type { Reference, Values } from "../../autograd/op.ts";
import type { MaskedSoftmaxAttributes, SoftmaxAttributes } from "./mod.ts";

/** Softmax of the elements [low, high) of each row, zero elsewhere. */
function rows(x: Values, range: (row: number) => [low: number, high: number]): Values {
  const C = x.shape.at(-1)!, data = new Float64Array(x.data.length);
  for (let row = 0; row < data.length / C; row++) {
    const [low, high] = range(row),
      values = x.data.subarray(row * C + low, Math.max(row * C + low, row * C + high));
    const highest = values.reduce((a, b) => Math.max(a, b), -Infinity);
    const total = values.reduce((sum, value) => sum + Math.exp(value - highest), 0);
    values.forEach((value, i) => data[row * C + low + i] = Math.exp(value - highest) / total);
  }
  return { shape: x.shape, data };
}

function gradient(y: Values, dy: Values): Values {
  const C = y.shape.at(-1)!, data = new Float64Array(y.data.length);
  for (let start = 0; start < data.length; start += C) {
    let along = 0;
    for (let c = 0; c < C; c++) along += y.data[start + c]! * dy.data[start + c]!;
    for (let c = 0; c < C; c++) data[start + c] = y.data[start + c]! * (dy.data[start + c]! - along);
  }
  return { shape: y.shape, data };
}

const allKeys = (x: Values) => rows(x, () => [0, x.shape.at(-1)!]);

/** Plain softmax. */
export const softmaxReference: Reference<SoftmaxAttributes> = {
  forward: ([x]) => [allKeys(x!)],
  backward: ([x], _, [dy]) => [gradient(allKeys(x!), dy!)],
};

function seenKeys(
  [x, spans]: readonly Values[],
  { queries, rowsPerBatch, window }: MaskedSoftmaxAttributes,
): Values {
  return rows(x!, (row) => {
    const batch = Math.floor(row / rowsPerBatch), q = spans!.data[3 * batch + 1]! + row % queries;
    return [
      Math.max(spans!.data[3 * batch]!, window ? q + 1 - window : 0),
      Math.min(q + 1, spans!.data[3 * batch + 2]!, x!.shape.at(-1)!),
    ];
  });
}

/** Softmax over the keys that a query sees. */
export const maskedSoftmaxReference: Reference<MaskedSoftmaxAttributes> = {
  forward: (inputs, attributes) => [seenKeys(inputs, attributes)],
  backward: (inputs, attributes, [dy]) => [gradient(seenKeys(inputs, attributes), dy!), undefined],
};
