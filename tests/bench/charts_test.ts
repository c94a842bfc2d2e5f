import assert from "node:assert/strict";
import { statistics } from "../../bench/measure.ts";
import type { Row } from "../../bench/report.ts";
import type { Result } from "../../bench/results.ts";
import { ladderChart } from "../../bench/svg/ladder.ts";
import { rooflineChart } from "../../bench/svg/roofline.ts";
import { assertWellFormed } from "../support/svg.ts";

const result = (
  benchmark: Row["benchmark"],
  name: string,
  milliseconds: number,
  more: Partial<Result> = {},
) => ({
  benchmark,
  name,
  shape: "512x512x512",
  kernel: "k.wgsl",
  time: statistics([milliseconds]),
  flops: 2e8,
  bytes: 4e6,
  checked: true,
  limits: { gflops: 80, gigabytes: 8 },
  device: "a <device>",
  driver: "driver",
  software: true,
  processor: "processor",
  commit: "0123456789abcdef",
  options: {},
  date: "2026-01-02T00:00:00.000Z",
  ...more,
} satisfies Result);

const RESULTS: readonly Result[] = [
  result("ladder", "NN naive", 200),
  result("ladder", "NN subgroup", 99, { date: "2026-01-01T00:00:00.000Z" }),
  result("ladder", "NN subgroup", 10),
  result("peers", "matmul NN", 40, { kernel: "another library" }),
  result("ops", "matmul", 10),
  result("ops", "softmax", 2, { flops: 1e6, bytes: 8e6, kernel: "first" }),
  result("ops", "softmax", 2, { flops: 1e6, bytes: 8e6, kernel: "second" }),
];

/** Texts of a file, as a reader finds them. */
const texts = (svg: string) =>
  [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, content]) => content!);

Deno.test("the ladder shows each variant's latest rate, the limit, and other libraries at the same size", () => {
  const svg = ladderChart(RESULTS)!, found = texts(svg);
  assertWellFormed(svg);
  for (
    const wanted of [
      "512 × 512 × 512",
      "NN",
      "naive",
      "1.00",
      "subgroup",
      "20.0",
      "another library",
      "5.00",
      "multiply-adds in registers 80.0",
    ]
  ) assert.ok(found.includes(wanted), `${wanted} is not among ${found.join(", ")}`);
  assert.equal(found.filter((content) => content === "subgroup").length, 1, "an older run was drawn too");
  assert.match(svg, /a &lt;device&gt;/);
  assert.equal(ladderChart(RESULTS), svg, "the same results, another file");
});

Deno.test("the roofline puts each op at its operations a byte and a second, kernels of one op together", () => {
  const svg = rooflineChart(RESULTS)!;
  assertWellFormed(svg);
  assert.equal(svg.match(/<circle[^>]*fill-opacity/g)!.length, 2);
  assert.match(svg, /softmax 512x512x512: 0\.500 GFLOP\/s, 50 % of the roof/);
  assert.match(svg, /matmul 512x512x512: 20\.0 GFLOP\/s, 25 % of the roof/);
  assert.equal(rooflineChart(RESULTS), svg);
});

Deno.test("without rows there is no chart", () => {
  assert.equal(ladderChart([]), undefined);
  assert.equal(rooflineChart(RESULTS.slice(0, 4)), undefined);
});
