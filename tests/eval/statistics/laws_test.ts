/** What holds of any items. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  bootstrap,
  capabilityRetention,
  mcNemar,
  mean,
  meanOver,
  overallHalfAndHalf,
  overallMeanOfRatios,
  pairedDifference,
  pairedPerplexity,
  splitProbability,
  standardErrorOfMean,
  standardErrorOfProportion,
  taskRecovery,
} from "../../../eval/statistics/mod.ts";

const bits = (minLength = 1) =>
  fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 1 })), {
    minLength,
    maxLength: 40,
  });
const firstOf = (pairs: readonly (readonly [number, number])[]) => pairs.map(([a]) => a);
const secondOf = (pairs: readonly (readonly [number, number])[]) => pairs.map(([, b]) => b);
const near = (a: number, b: number) =>
  assert.ok(Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b)), `${a} ${b}`);

Deno.test("the error of a share is that of its ones and zeros", () => {
  fc.assert(fc.property(bits(2), (pairs) => {
    const items = firstOf(pairs);
    near(standardErrorOfProportion(mean(items), items.length)!, standardErrorOfMean(items)!);
  }));
});

Deno.test("McNemar's test is two-sided, exact, and blind to items on which both agree", () => {
  fc.assert(fc.property(bits(), fc.nat(20), (pairs, agreed) => {
    const first = firstOf(pairs),
      second = secondOf(pairs),
      { p, firstOnly, secondOnly } = mcNemar(first, second);
    assert.ok(p > 0 && p <= 1);
    assert.deepEqual(mcNemar(second, first), { p, firstOnly: secondOnly, secondOnly: firstOnly });
    const more = Array<number>(agreed).fill(1);
    assert.equal(mcNemar([...first, ...more], [...second, ...more]).p, p);
  }));
  // A thousand heads: two in 2^1000, and no underflow beyond.
  near(Math.log(splitProbability(1000, 0)), Math.log(2) - 1000 * Math.LN2);
  assert.equal(splitProbability(2000, 2000), 1);
});

Deno.test("the more even a split of n tosses, the more likely", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 60 }), (n) => {
    const tails = Array.from({ length: Math.floor(n / 2) + 1 }, (_, k) => splitProbability(n - k, k));
    assert.deepEqual(tails.toSorted((a, b) => a - b), tails);
    near(tails[0]!, Math.min(1, 2 * 0.5 ** n));
    if (n % 2 === 0) assert.equal(tails.at(-1), 1);
  }));
});

Deno.test("a paired difference turns its sign with its models, and its interval with it", () => {
  fc.assert(
    fc.property(bits(2), (pairs) => {
      const there = pairedDifference(firstOf(pairs), secondOf(pairs)),
        back = pairedDifference(secondOf(pairs), firstOf(pairs));
      near(there.value, -back.value);
      near(there.interval![0], -back.interval![1]);
      assert.ok(there.interval![0] <= there.value && there.value <= there.interval![1]);
    }),
    { numRuns: 20 },
  );
});

Deno.test("the interval of a mean is about two standard errors to each side", () => {
  const items = Array.from({ length: 400 }, (_, i) => i % 3 === 0 ? 1 : 0);
  const [share] = bootstrap([items.length], ([drawn]) => [meanOver(items, drawn!)]);
  const error = standardErrorOfMean(items)!;
  share!.interval!.forEach((end, i) => {
    const wanted = share!.value + (i === 0 ? -1.96 : 1.96) * error;
    assert.ok(Math.abs(end - wanted) < 0.15 * error, `${end} is not near ${wanted}`);
  });
});

Deno.test("95 % intervals of paired differences hold the truth about 95 times in a hundred", () => {
  // Differences of mean 0 from a fixed sequence: 200 samples of 60.
  let state = 1, held = 0;
  const next = () => (state = (state * 48271) % 0x7fffffff) / 0x7fffffff;
  for (let sample = 0; sample < 200; sample++) {
    const first = Array.from({ length: 60 }, () => next() < 0.5 ? 1 : 0);
    const second = first.map((value) => next() < 0.6 ? value : next() < 0.5 ? 1 : 0);
    const [low, high] = pairedDifference(first, second).interval!;
    if (low <= 0 && 0 <= high) held++;
  }
  assert.ok(held >= 180 && held <= 200, `${held} of 200`);
});

Deno.test("perplexities: a model against itself is exactly even, and rows in another order say the same", () => {
  const row = fc.record({
    sum: fc.double({ min: 0, max: 50, noNaN: true }),
    tokens: fc.integer({ min: 1, max: 50 }),
  });
  fc.assert(
    fc.property(fc.array(row, { minLength: 2, maxLength: 20 }), (rows) => {
      assert.deepEqual(pairedPerplexity(rows, rows).ratio, { value: 1, interval: [1, 1] });
      const worse = rows.map(({ sum, tokens }) => ({ sum: sum + tokens, tokens }));
      near(pairedPerplexity(worse, rows).ratio.value, Math.E);
      near(pairedPerplexity(worse.toReversed(), rows.toReversed()).ratio.interval![0], Math.E);
    }),
    { numRuns: 20 },
  );
});

Deno.test("a student as good as its teacher keeps and wins back 100 %, by every formula", () => {
  const scores = fc.array(fc.double({ min: 1, max: 100, noNaN: true }), { minLength: 1, maxLength: 6 });
  fc.assert(fc.property(scores, fc.double({ min: 1, max: 1e4, noNaN: true }), (teacher, perplexity) => {
    const even = { teacher: perplexity, student: perplexity };
    near(capabilityRetention(teacher, teacher), 100);
    near(overallMeanOfRatios(teacher, teacher, even), 100);
    near(overallHalfAndHalf(teacher, teacher, even), 100);
    near(taskRecovery({ teacher: teacher[0]!, pruned: teacher[0]! - 1, student: teacher[0]! }), 100);
  }));
});
