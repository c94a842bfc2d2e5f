/**
 * Why attention needs no S x S.
 *
 * A query looks at all keys before it: scores s_c = q · k_c, weights softmax(s), result Σ_c weight_c v_c. Written with
 * matrices that is a product of [T, D] by [D, S], a softmax of T rows of S scores, and a second product; and the matrix of
 * scores, [T, S] for each head, is by far the largest thing in it. For 4 heads and 4,096 tokens it takes 256 MiB, and
 * training wants it kept for the gradient, in every block.
 *
 * It need not exist. Softmax is e^(s_c - m) / Σ e^(s_j - m) with m the largest score (subtracted so that nothing
 * overflows; any m gives the same quotient). Go through the keys one after another and keep three things: the largest
 * score so far m, the sum so far of e^(s - m), and the weighted sum of values so far. When a larger score turns up,
 * multiply both sums by e^(old m - new m), and they are what they would have been. At the end divide. One pass,
 * no row of scores.
 *
 * For the gradient one keeps log Σ e^s, a single number a query and head: with it every weight can be had again as
 * e^(s_c - that), where s_c is computed once more. Twice the products, none of the memory. That is FlashAttention
 * (Dao 2023), and engine/ops/attention works this way on the CPU too.
 *
 * Read next: engine/ops/attention/forward_naive.wgsl (46 lines), reference.ts, then backward_query_naive.wgsl.
 */
import assert from "node:assert/strict";
import {
  attention,
  createRandom,
  createTensor,
  output,
  plan,
  record,
  type Target,
} from "../../engine/mod.ts";
import { type Lesson, short } from "./lesson.ts";

/** Softmax of all scores, then the sum of values: three arrays of S. */
function wholeRow(scores: readonly number[], values: readonly number[]): number {
  const m = Math.max(...scores), powers = scores.map((s) => Math.exp(s - m));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.reduce((sum, power, c) => sum + power / total * values[c]!, 0);
}

/** One pass: three numbers. */
function onePass(scores: readonly number[], values: readonly number[]): number {
  let m = -Infinity, total = 0, weighted = 0;
  scores.forEach((s, c) => {
    const higher = Math.max(m, s), shrink = Math.exp(m - higher), power = Math.exp(s - higher);
    total = total * shrink + power;
    weighted = weighted * shrink + power * values[c]!;
    m = higher;
  });
  return weighted / total;
}

/** The Program of attention over T tokens, and what it reads. */
function recordAttention(target: Target, T: number, H: number, D: number) {
  const tensors = ["q", "k", "v"].map((name) => createTensor(name, "input", [1, T, H, D]));
  const spans = createTensor("spans", "input", [1, 3], "u32"),
    [q, k, v] = tensors as [typeof spans, typeof spans, typeof spans];
  const recorded = record("attention", target, () => output("y", attention(q, k, v, spans, 0, D ** -0.5)));
  return { ...recorded, tensors, spans };
}

export const lesson: Lesson = {
  title: "Why attention needs no S x S",
  async run({ engine, say }) {
    const random = createRandom(0), S = 50;
    const scores = Array.from({ length: S }, () => 30 * random.normal()),
      values = scores.map(() => random.normal());
    const [whole, pass] = [wholeRow(scores, values), onePass(scores, values)];
    say(
      `${S} keys: by whole rows ${short(whole)}, in one pass ${short(pass)}, apart by ${
        Math.abs(whole - pass).toExponential(1)
      }`,
    );
    assert.ok(Math.abs(whole - pass) < 1e-12);

    const rows: (string | number)[][] = [["tokens", "scores of 4 heads, MiB", "temporaries of the op, MiB"]];
    for (const T of [256, 1024, 4096]) {
      const { program } = recordAttention({ ...engine.target, software: false }, T, 4, 32);
      const temporaries = plan(program).sizes.reduce((a, b) => a + b, 0), scores = 4 * T * T * 4;
      rows.push([String(T), scores / 2 ** 20, temporaries / 2 ** 20]);
      assert.ok(temporaries < scores / 2, "no temporary is as large as the scores");
    }
    say(rows);

    // The device against the row of scores, at the last of 7 tokens.
    const T = 7, H = 1, D = 4, { program, result, tensors, spans } = recordAttention(engine.target, T, H, D);
    const [q, k, v] = tensors.map(() => Float32Array.from({ length: T * D }, () => random.normal())) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    for (const [i, data] of [q, k, v].entries()) await engine.write(tensors[i]!, data);
    await engine.write(spans, Uint32Array.of(0, 0, T));
    const prepared = await engine.prepare(program);
    engine.run(prepared);
    const y = await engine.read(result), last = T - 1;
    const seen = Array.from({ length: T }, (_, c) => {
      let sum = 0;
      for (let d = 0; d < D; d++) sum += q[last * D + d]! * k[c * D + d]!;
      return sum / 2; // √D
    });
    const expected = wholeRow(seen, seen.map((_, c) => v[c * D]!));
    say(`the last of ${T} tokens, channel 0: device ${short(y[last * D]!)}, by hand ${short(expected)}`);
    assert.ok(Math.abs(y[last * D]! - expected) < 1e-5);
    engine.discard(prepared);
    engine.release([...tensors, spans, result].map(({ slot }) => slot));
  },
};
