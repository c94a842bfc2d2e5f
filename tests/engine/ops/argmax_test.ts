/** What argmax answers where there is no single largest value, and for a row as long as a vocabulary. */
import assert from "node:assert/strict";
import { argmax, NO_COLUMN } from "../../../engine/mod.ts";
import { gpuTest } from "../../support/engine.ts";
import { evaluateOnDevice } from "../../support/evaluate.ts";

gpuTest("argmax: the first of equals, and no column beside NaN or infinity", async (engine) => {
  const columns = 1500,
    row = (...values: [at: number, value: number][]) => {
      const data = new Float32Array(columns).fill(-Infinity);
      for (const [at, value] of values) data[at] = value;
      return data;
    };
  const rows: [Float32Array, number][] = [
    [row([700, 2], [1400, 2], [699, 1]), 700],
    [row([1499, -5]), 1499],
    [row(), 0],
    [row([3, 1], [1200, NaN]), NO_COLUMN],
    [row([3, Infinity]), NO_COLUMN],
    [row([511, 7], [512, 7]), 511],
    [row([0, -0], [900, 0]), 0],
  ];
  const data = Float32Array.from(rows.flatMap(([values]) => [...values]));
  const [found] = await evaluateOnDevice(
    engine,
    [{ shape: [rows.length, columns], data }],
    (x) => [argmax(x!)],
  );
  assert.deepEqual([...found!], rows.map(([, expected]) => expected));
});

gpuTest("argmax over 262,144 words", async (engine) => {
  const data = Float32Array.from({ length: 262144 }, (_, i) => Math.sin(i));
  data[200_001] = 1.5;
  const [found] = await evaluateOnDevice(engine, [{ shape: [1, data.length], data }], (x) => [argmax(x!)]);
  assert.deepEqual([...found!], [200_001]);
});
