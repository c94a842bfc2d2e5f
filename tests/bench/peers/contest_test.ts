import assert from "node:assert/strict";
import { type Contest, contestRows, formatContest, formatRatios } from "../../../bench/peers/contest.ts";

const time = (p50: number) => ({ p50, mad: 0.5, n: 3, samples: [p50] });
const CONTEST: Contest = {
  name: "matmul NN",
  shape: "8x8x8",
  flops: 4e7,
  bytes: 3e6,
  entries: [
    { title: "this engine", kind: "ours", time: time(2), facts: { dispatches: 1 } },
    { title: "slow 1.0", kind: "webgpu", time: time(20) },
    { title: "quick 2.0", kind: "webgpu", time: time(8) },
    { title: "lost 3.0", kind: "webgpu", time: undefined, wrong: "it dispatched nothing on the adapter" },
    { title: "native 4.0", kind: "cpu", time: time(0.5) },
  ],
};

Deno.test("rows: each library's speed is relative to the quickest right one on the adapter", () => {
  const rows = contestRows(CONTEST);
  assert.deepEqual(rows.map(({ kernel, facts }) => [kernel, facts!["x best WebGPU peer"]]), [
    ["this engine", 4],
    ["slow 1.0", 0.4],
    ["quick 2.0", 1],
    ["lost 3.0", undefined],
    ["native 4.0", 16],
  ]);
  assert.equal(rows[0]!.facts!.dispatches, 1);
  assert.equal(rows[3]!.wrong, "it dispatched nothing on the adapter");
});

Deno.test("without another library there is no ratio", () => {
  const alone = { ...CONTEST, entries: [CONTEST.entries[0]!] };
  assert.deepEqual(contestRows(alone)[0]!.facts, { dispatches: 1 });
  assert.match(formatRatios([alone]), /^matmul NN {2}8x8x8 {12}2\.00$/m);
});

Deno.test("a contest as a table", () => {
  assert.equal(
    formatContest(CONTEST),
    `
matmul NN 8x8x8
library      p50 ms    mad  n  GFLOP/s  GB/s  x best peer     ok
this engine    2.00  0.500  3     20.0              4.00x    yes
slow 1.0       20.0  0.500  3     2.00             0.400x    yes
quick 2.0      8.00  0.500  3     5.00              1.00x    yes
lost 3.0                                                   WRONG
native 4.0    0.500  0.500  3     80.0              16.0x    yes
this engine: dispatches 1.00
lost 3.0 is wrong: it dispatched nothing on the adapter
`.slice(1),
  );
});

Deno.test("the ratios of all contests, one a line", () => {
  const rows = { ...CONTEST, name: "softmax", shape: "8x8", flops: 0 };
  assert.equal(
    formatRatios([CONTEST, { ...rows, entries: CONTEST.entries.slice(0, 2) }]),
    `
           shape  this engine ms  best WebGPU peer    ms  x peer  CPU library     ms   x CPU
matmul NN  8x8x8            2.00  quick 2.0         8.00   4.00x  native 4.0   0.500  0.250x
softmax    8x8              2.00  slow 1.0          20.0   10.0x
`.slice(1),
  );
});
