import assert from "node:assert/strict";
import { compareResults } from "../../bench/compare/compare.ts";
import { formatComparison } from "../../bench/compare/format.ts";
import { quantile, ratioOfMedians } from "../../bench/compare/interval.ts";
import { statistics } from "../../bench/measure.ts";
import type { Result } from "../../bench/results.ts";

const RESULT: Result = {
  benchmark: "ops",
  name: "add",
  shape: "[4]",
  kernel: "add",
  time: statistics([1]),
  flops: 4,
  bytes: 48,
  checked: true,
  limits: { gflops: 100, gigabytes: 10 },
  device: "d",
  driver: "r",
  software: true,
  processor: "p",
  commit: null,
  options: { milliseconds: 300 },
  date: "day 1",
};

/** Three runs of 31 samples around `milliseconds`, two percent wide. */
const runs = (milliseconds: number, more: Partial<Result> = {}): Result[] =>
  [1, 2, 3].map((day) => ({
    ...RESULT,
    ...more,
    date: `day ${day}`,
    time: statistics(Array.from({ length: 31 }, (_, i) => milliseconds * (1 + (i - 15 + day - 2) / 1500))),
  }));

Deno.test("a quantile stands between two values in a straight line", () => {
  assert.equal(quantile([1, 2, 4], 0.5), 2);
  assert.equal(quantile([1, 2, 4], 0.75), 3);
  assert.equal(quantile([7], 0.3), 7);
});

Deno.test("the interval of a ratio holds it, narrows with samples and widens with runs that disagree", () => {
  const around = (middle: number, n: number) => ({
    n,
    samples: Array.from({ length: 17 }, (_, i) => middle * (0.9 + i / 80)),
  });
  const few = ratioOfMedians([[around(10, 5)]], [[around(20, 5)]]);
  const many = ratioOfMedians([[around(10, 500)]], [[around(20, 500)]]);
  for (const { ratio, low, high } of [few, many]) assert.ok(low < ratio && ratio < high && ratio === 2);
  assert.ok(many.high - many.low < (few.high - few.low) / 4);
  const drifting = ratioOfMedians(
    [8, 10, 12].map((middle) => [around(middle, 500)]),
    [16, 20, 24].map((middle) => [around(middle, 500)]),
  );
  assert.ok(drifting.high - drifting.low > 5 * (many.high - many.low));
  assert.deepEqual(
    ratioOfMedians([[around(10, 5)]], [[around(20, 5)]]),
    few,
    "another call, another interval",
  );
});

Deno.test("slower, faster and same, by a kernel of another name too", () => {
  const a = [
    ...runs(10),
    ...runs(10, { name: "multiply" }),
    ...runs(10, { name: "scale" }),
    ...runs(1, { name: "gone" }),
  ];
  const b = [
    ...runs(12, { kernel: "new.wgsl" }),
    ...runs(8, { name: "multiply" }),
    ...runs(10.1, { name: "scale" }),
    ...runs(1, { name: "new" }),
  ];
  const { rows, onlyA, onlyB, broken, warnings } = compareResults(a, b, 0.05);
  assert.deepEqual(rows.map(({ name, verdict }) => [name, verdict]), [
    ["add", "slower"],
    ["multiply", "faster"],
    ["scale", "same"],
  ]);
  assert.ok(Math.abs(rows[0]!.time.ratio - 1.2) < 0.01);
  assert.deepEqual([onlyA, onlyB, broken, warnings], [["ops gone [4]"], ["ops new [4]"], [], []]);
});

Deno.test("kernels of one op in one run add up", () => {
  const a = runs(10), b = [...runs(4, { kernel: "first" }), ...runs(6, { kernel: "second" })];
  const [row] = compareResults(a, b, 0.05).rows;
  assert.equal(row!.verdict, "same");
  assert.ok(Math.abs(row!.time.ratio - 1) < 0.01);
});

Deno.test("a result that became wrong is told and not timed; one that was wrong before is not new", () => {
  const { time: _, ...untimed } = RESULT, wrong = { ...untimed, time: undefined, wrong: "off by 1" };
  const became = compareResults(runs(10), [wrong], 0.05);
  assert.deepEqual(became.rows, []);
  assert.deepEqual(became.broken, ["ops add [4]: off by 1"]);
  assert.deepEqual(compareResults([wrong], [wrong], 0.05).broken, []);
});

Deno.test("other machines, options, limits and too few runs are said; changed facts are shown", () => {
  const a = [{ ...RESULT, facts: { "memory MiB": 100, dispatches: 50 } }];
  const b = [{
    ...RESULT,
    device: "e",
    options: { milliseconds: 9 },
    limits: { gflops: 50, gigabytes: 10 },
    facts: { "memory MiB": 60, dispatches: 50 },
  }];
  const text = formatComparison(compareResults(a, b, 0.05));
  assert.equal(
    text,
    `note: devices differ: d in A, e in B
note: options differ: {"milliseconds":300} in A, {"milliseconds":9} in B
note: the rate of multiply-adds (GFLOP/s) went from 100.0 to 50.0: the machine moved, not the code
note: 1 run(s) of A and 1 of B: intervals know little of the drift between runs; take three of each in turns

          shape   B/A        95 %  runs
ops  add  [4]    1.00  1.00..1.00   1/1

ops add [4]: memory MiB 100 -> 60.0
1 compared: 0 slower, 0 faster; B/A is B's time to A's, above 1 is slower
`,
  );
});

Deno.test("a result without samples counts with its median", () => {
  const bare = { ...RESULT, time: { p50: 3, mad: 0.1, n: 7, samples: [] } };
  assert.equal(compareResults([RESULT], [bare], 0.05).rows[0]!.time.ratio, 3);
});
