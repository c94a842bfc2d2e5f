import assert from "node:assert/strict";
import { groupDispatches, measure, statistics } from "../../bench/measure.ts";
import { add, createTensor, record, scale } from "../../engine/mod.ts";
import { TARGET } from "../support/target.ts";

Deno.test("statistics are the median, the deviation from it and the number of samples", () => {
  assert.deepEqual(statistics([5]), { p50: 5, mad: 0, n: 1, samples: [5] });
  assert.deepEqual(statistics([8, 1, 2, 4]), { p50: 3, mad: 1.5, n: 4, samples: [1, 2, 4, 8] });
  const { samples, n } = statistics(Array.from({ length: 1001 }, (_, i) => 1001 - i));
  assert.equal(n, 1001);
  assert.equal(samples.length, 17);
  assert.deepEqual([samples[0], samples[8], samples[16]], [1, 501, 1001]);
});

Deno.test("samplers take turns, each until its time is spent", async () => {
  const order: string[] = [];
  const sampler = (name: string, values: number[], milliseconds: number) => async () => {
    order.push(name);
    const end = performance.now() + milliseconds;
    while (performance.now() < end) await Promise.resolve();
    return values;
  };
  const measured = await measure([sampler("quick", [1, 10], 10), sampler("slow", [2], 100)], {
    milliseconds: 35,
    minimum: 2,
  });
  assert.deepEqual(order.slice(0, 4), ["quick", "slow", "quick", "slow"]);
  assert.equal(order.filter((name) => name === "slow").length, 2);
  const quick = order.filter((name) => name === "quick").length;
  assert.ok(quick >= 2 && quick <= 4, `${quick} samples of 10 ms in 35 ms`);
  const equal = (value: number, n: number) => statistics(Array.from({ length: n }, () => value));
  assert.deepEqual(measured, [[equal(1, quick), equal(10, quick)], [equal(2, 2)]]);
});

Deno.test("dispatches of the same op, kernel and shapes are one group", () => {
  const x = createTensor("x", "input", [4, 8]), long = createTensor("long", "input", [12]);
  const { program } = record("groups", TARGET, () => {
    const doubled = scale(x, 2);
    scale(long, 2);
    add(doubled, scale(x, 3));
  }, { fuse: false });
  const groups = groupDispatches(program.dispatches).map(({ kernel: _, ...group }) => group);
  assert.deepEqual(groups, [
    { op: "scale", shapes: "32 32", flops: 64, bytes: 512, indices: [0, 2] },
    { op: "scale", shapes: "12 12", flops: 12, bytes: 96, indices: [1] },
    { op: "add", shapes: "32 32 32", flops: 32, bytes: 384, indices: [3] },
  ]);
});
