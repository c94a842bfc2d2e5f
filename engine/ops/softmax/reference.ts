import type { Reference, Values } from "../../autograd/op.ts";
import type { SoftmaxAttributes } from "./mod.ts";

/** Softmax of each row. */
function rows(x: Values): Values {
  const C = x.shape.at(-1)!, data = new Float64Array(x.data.length);
  for (let start = 0; start < data.length; start += C) {
    const values = x.data.subarray(start, start + C), highest = Math.max(...values);
    const total = values.reduce((sum, value) => sum + Math.exp(value - highest), 0);
    values.forEach((value, c) => data[start + c] = Math.exp(value - highest) / total);
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

/** Softmax over the last axis. */
export const softmaxReference: Reference<SoftmaxAttributes> = {
  forward: ([x]) => [rows(x!)],
  backward: ([x], _, [dy]) => [gradient(rows(x!), dy!)],
};
