import assert from "node:assert/strict";
import { type Limits, sizeFor } from "../../../eval/likelihood/limits.ts";
import { pack, shapeOf, TARGETS } from "../../../eval/likelihood/pack.ts";
import { planBatches } from "../../../eval/likelihood/plan.ts";
import { type Sequence, toSequence } from "../../../eval/likelihood/request.ts";
import { raggedRequests } from "../../support/likelihood_requests.ts";

const model = { vocabSize: 5, maxPositionEmbeddings: 99 };
/** So few words that beginnings are often shared by chance. */
const sequences: Sequence[] = [1, 2, 3, 4, 5, 6].flatMap((seed) => raggedRequests(seed, model.vocabSize))
  .map((request) => toSequence(request, model));

const wide: Limits = { columns: 4096, queries: 2 ** 20, keys: 2 ** 20, rows: 128 };
for (
  const [name, limits] of [
    ["one batch", wide],
    ["few columns", { ...wide, columns: 64 }],
    ["few keys", { ...wide, keys: 400 }],
    ["few queries", { ...wide, queries: 48 }],
  ] as const
) {
  Deno.test(`every sequence is packed whole and asked once: ${name}`, () => {
    const plan = planBatches(sequences, limits), asked = sequences.map(() => [] as number[]);
    assert.deepEqual([...plan.order].sort((a, b) => a - b), [...sequences.keys()]);
    assert.deepEqual(
      plan.batches.map(({ start }) => start),
      [0, ...plan.batches.map(({ end }) => end)].slice(0, -1),
    );
    assert.equal(plan.batches.at(-1)!.end, sequences.length);
    assert.equal(plan.batches.length === 1, limits === wide);
    for (const batch of plan.batches) {
      const packed = pack(sequences, plan, batch), { N, A, T, S } = shapeOf(packed, plan);
      assert.ok(N <= limits.columns && A * T <= limits.queries && A * S <= limits.keys, `${[N, A, T, S]}`);
      const paths = packed.stretches.map(({ path }) => path.map((column) => packed.ids[column]!).join());
      for (let at = batch.start; at < batch.end; at++) {
        const text = sequences[plan.order[at]!]!.ids.join();
        assert.ok(
          paths.some((path) => path === text || path.startsWith(`${text},`)),
          "a sequence has no path",
        );
      }
      const queries = packed.stretches.flatMap(({ path, start, end }) => {
        assert.ok(end - start <= T && end <= path.length);
        path.forEach((column, position) => assert.equal(packed.positions[column], position));
        return path.slice(start, end);
      });
      assert.deepEqual(queries.sort((a, b) => a - b), [...packed.ids.keys()], "a column is no query, or two");
      const starts = packed.stretches.map(({ path }) => path.map((column) => packed.ids[column]!));
      assert.equal(packed.ids.length, beginnings(starts), "a beginning stands twice");
      for (const { column, targets, asked: asks } of packed.rows) {
        assert.ok(column < packed.ids.length && targets.length <= TARGETS);
        assert.equal(new Set(targets).size, targets.length);
        for (const { sequence, target } of asks) asked[sequence]!.push(targets[target]!);
      }
    }
    asked.forEach((found, i) =>
      assert.deepEqual(found.sort(), sequences[i]!.targets.toSorted(), `sequence ${i}`)
    );
  });
}

/** Different beginnings of sequences, the tokens that no two of them share. */
function beginnings(texts: readonly (readonly number[])[]): number {
  return new Set(texts.flatMap((ids) => ids.map((_, i) => ids.slice(0, i + 1).join()))).size;
}

Deno.test("sizes grow by few steps and hold what they are asked for", () => {
  for (const steps of [2, 8]) {
    const sizes = Array.from({ length: 3000 }, (_, i) => sizeFor(i + 1, steps));
    sizes.forEach((size, i) => assert.ok(size >= i + 1 && size <= (i + 1) * (1 + 1 / steps) + 1));
    assert.ok(new Set(sizes).size <= 12 * steps + 2);
  }
});
