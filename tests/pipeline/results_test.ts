import assert from "node:assert/strict";
import { recovery, type Results, summarize } from "../../pipeline/results.ts";
import { resolveConfig } from "../../train/config/mod.ts";

Deno.test("recovery is the share of the lost cross-entropy won back, and 0 where nothing was lost", () => {
  assert.equal(recovery(2, 4, 2.5), 75);
  assert.equal(recovery(2, 4, 5), -50);
  assert.equal(recovery(2, 2, 1), 0);
});

Deno.test("the summary shows the three models, what was done and what came of it", async () => {
  const model = (layers: number, perplexity: number, sample: string) => ({
    ...{ layers, parameters: layers * 1000, perplexity, cross_entropy: Math.log(perplexity), tokens: 1500 },
    samples: [sample],
  });
  const results: Results = {
    version: 1,
    config: await resolveConfig({}),
    environment: { deno: "2", os: "linux", adapter: "x", vendor: "x", subgroup_size: 8, software: true },
    data: { training_rows: 8, validation_rows: 2 },
    importance: null,
    drop: [4, 1],
    teacher: model(6, 10, "A\nB"),
    pruned: model(4, 40, "A C"),
    student: model(4, 20, "A D"),
    training: {
      ...{
        steps: 3,
        tokens: 12345,
        seconds: 6.25,
        tokens_per_second: 1975,
        memory_bytes: 1,
        last_epoch_loss: 1,
      },
      warnings: [],
    },
    perplexity_retention: 50,
    recovery: 50,
    seconds: {},
  };
  assert.equal(
    summarize(results),
    `model     blocks     parameters  perplexity
teacher        6          6,000      10.000
pruned         4          4,000      40.000
student        4          4,000      20.000

teacher   "A\\nB"
pruned    "A C"
student   "A D"

Removed blocks 4, 1. 3 steps, 12,345 tokens in 6.3 s.
Perplexity on 1,500 held-out tokens: the student keeps 50.0 % of the teacher's and wins back 50.0 % of the ` +
      "cross-entropy lost by pruning.",
  );
  const none = { ...results, drop: [4], data: { training_rows: 10, validation_rows: 0 } };
  assert.match(summarize(none), /Removed block 4\./);
  assert.match(summarize(none), /Perplexity on 1,500 tokens of the training rows, as none were held out: /);
});
