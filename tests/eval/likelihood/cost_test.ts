import assert from "node:assert/strict";
import { createTensor } from "../../../engine/mod.ts";
import { likelihoodCost, type LikelihoodRequest } from "../../../eval/likelihood/mod.ts";
import { limitsOf } from "../../../eval/likelihood/limits.ts";
import { pack, shapeOf } from "../../../eval/likelihood/pack.ts";
import { planBatches } from "../../../eval/likelihood/plan.ts";
import { recordScores, recordStates } from "../../../eval/likelihood/programs.ts";
import { longestOf, toSequence } from "../../../eval/likelihood/request.ts";
import { GEMMA_3_270M } from "../../../model/config/mod.ts";
import { declareGemma3 } from "../../../model/gemma3/mod.ts";
import { benchmarkRequests, gemmaTokenizer } from "../../support/benchmark_requests.ts";
import { TARGET } from "../../support/target.ts";

/** Without subgroups a software adapter does not finish rows of so many words. */
const target = { ...TARGET, subgroupSize: 8 };

const close = (actual: number, expected: number, share: number) =>
  assert.ok(Math.abs(actual - expected) <= share * expected, `${actual} is not ${expected}`);

/** Questions of 40 tokens with four answers of six, the first token of which two share. */
const requests: LikelihoodRequest[] = Array.from({ length: 60 }, (_, question) => question).flatMap(
  (question) => {
    const context = Array.from({ length: 40 }, (_, t) => 5 + question * 40 + t);
    return [0, 1, 2, 3].map((answer) => ({
      context,
      continuation: Array.from({ length: 6 }, (_, t) => 100_000 + (t === 0 ? answer >> 1 : 10 * answer + t)),
    }));
  },
);

Deno.test("the cost of a plan is what its Programs count", () => {
  const model = declareGemma3(GEMMA_3_270M, { label: "model", positions: 64 });
  const sequences = requests.map((request) => toSequence(request, GEMMA_3_270M));
  const limits = limitsOf(GEMMA_3_270M, target, longestOf(sequences)), plan = planBatches(sequences, limits);
  const pool = createTensor("pool", "state", [limits.rows, GEMMA_3_270M.hiddenSize]);
  const flops = (programs: readonly ReturnType<typeof recordScores>["program"][]) =>
    programs.flatMap(({ dispatches }) => dispatches).reduce((sum, dispatch) => sum + dispatch.flops, 0);
  const packed = plan.batches.map((batch) => pack(sequences, plan, batch));
  const states = packed.map((batch) => recordStates(target, model, shapeOf(batch, plan), pool).program);
  const rows = packed.reduce((sum, batch) => sum + batch.rows.length, 0),
    whole = Math.floor(rows / limits.rows);
  assert.deepEqual([limits.rows, rows, whole], [128, 60 * (1 + 2 + 16), 8]);
  const scores = recordScores(target, model, limits.rows, pool).program;
  const rest = recordScores(target, model, 120, pool).program;
  const counted = flops([...states, ...Array.from({ length: whole }, () => scores), rest]);
  const { planned } = likelihoodCost(requests, GEMMA_3_270M, { maxBinding: target.maxBinding });
  close(counted, planned.total, 0.03);
  close(planned.blocks + planned.attention + planned.head, planned.total, 1e-12);
});

Deno.test("each step of the accounting is what arithmetic says", () => {
  const cost = likelihoodCost(requests, GEMMA_3_270M), { padded, unpadded, scored, shared, planned } = cost;
  const blocks = 2 * 18 * 640 * (2 * 1024 + 2 * 256 + 3 * 2048), head = 2 * 640 * 262144;
  assert.equal(padded.blocks, 240 * 45 * blocks);
  assert.equal(padded.head, 240 * 45 * head);
  for (const same of [cost.longest, cost.batched, unpadded]) assert.deepEqual(same, padded); // all are of one length
  assert.equal(scored.head, 240 * 6 * head);
  assert.equal(scored.blocks, unpadded.blocks);
  assert.ok(shared.blocks >= 60 * (40 + 2 + 16) * blocks && shared.blocks < 1.15 * 60 * 58 * blocks);
  assert.equal(shared.head, scored.head);
  assert.equal(planned.head, (8 * 128 + 120) * head); // 1140 rows, the last 116 by a Program for 120
  assert.equal(planned.blocks, shared.blocks);
  const twice = likelihoodCost([...requests, ...requests], GEMMA_3_270M);
  assert.equal(twice.padded.total, padded.total);
  assert.equal(twice.batched.total, 2 * padded.total);
});

Deno.test("padding costs what the longest of a batch, or of all, is longer", () => {
  const lengths = [3, 9, 2, 20];
  const { longest, batched, padded, unpadded } = likelihoodCost(
    lengths.map((length, i) => ({
      context: Array.from({ length }, (_, t) => 5 + 100 * i + t),
      continuation: [7],
    })),
    GEMMA_3_270M,
    { batchSize: 2 },
  );
  const tokens = (cost: typeof longest) => cost.head / (2 * 640 * 262144);
  assert.deepEqual([longest, batched, padded, unpadded].map(tokens), [80, 58, 46, 34]);
});

const tokenizer = await gemmaTokenizer();
Deno.test({
  name: `what the tricks save on 100 items of each task${
    tokenizer ? "" : " (skipped: the tokenizer is absent)"
  }`,
  ignore: tokenizer === undefined,
  async fn() {
    const least: Record<string, number> = {
      arc_easy: 5,
      winogrande: 2.9,
      hellaswag: 2.8,
      lambada_openai: 2.5,
      piqa: 2,
    };
    const sum = { longest: 0, batched: 0, padded: 0, planned: 0 },
      ways = Object.keys(sum) as (keyof typeof sum)[];
    for (const [name, requests] of await benchmarkRequests(tokenizer!)) {
      const cost = likelihoodCost(requests, GEMMA_3_270M);
      const saved = cost.padded.total / cost.planned.total;
      assert.ok(saved >= least[name]!, `${name}: ${saved} times fewer operations`);
      assert.ok(cost.padded.total >= cost.unpadded.total && cost.unpadded.total > cost.scored.total);
      for (const way of ways) sum[way] += cost[way].total;
    }
    const times = ways.map((way) => (sum[way] / sum.planned).toFixed(2));
    assert.deepEqual(times, ["8.19", "4.58", "2.99", "1.00"]); // the README's
  },
});
