import assert from "node:assert/strict";
import { bootstrap, mean, perplexity } from "../../../eval/tasks/aggregations.ts";
import { mt19937 } from "../../../train/data/mod.ts";

const VALUES = [-0.1, -1.5, -0.25, -3, -0.7];

Deno.test("mt19937 seeded with a list: Python's random.Random(0) and the authors' own example", () => {
  const python = mt19937([0]);
  assert.deepEqual([python(), python(), python()], [3626764237, 1654615998, 3255389356]);
  // mt19937ar.out of Matsumoto and Nishimura (2002).
  const authors = mt19937([0x123, 0x234, 0x345, 0x456]);
  assert.deepEqual([authors(), authors(), authors()], [1067595299, 955945823, 477289528]);
});

Deno.test("the mean has the error of a sample", () => {
  assert.equal(mean.value([0, 1, 1, 1]), 0.75);
  assert.equal(mean.standardError([0, 1, 1, 1]), 0.25);
  assert.equal(mean.standardError([1]), null);
});

Deno.test("perplexity's error is the spread of Python's 100,000 resamples", () => {
  assert.equal(perplexity.value([-Math.log(2), -Math.log(8)]), 4);
  assert.equal(perplexity.standardError([-1]), null);
  // random.Random(chunk).choices(VALUES, k=5), 1,000 times for each of 100 chunks, in Python 3.11.
  const expected = 1.8563329375074569;
  assert.ok(Math.abs(bootstrap(VALUES, (m) => Math.exp(-m)) / expected - 1) < 1e-12);
});

Deno.test("the spread of resampled means is the mean's error without Bessel's correction", () => {
  const expected = mean.standardError(VALUES)! * Math.sqrt((VALUES.length - 1) / VALUES.length);
  assert.ok(Math.abs(bootstrap(VALUES, (m) => m) / expected - 1) < 0.01);
});
