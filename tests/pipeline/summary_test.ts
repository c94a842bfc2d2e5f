import assert from "node:assert/strict";
import { summarize } from "../../pipeline/summary.ts";
import { exampleResults } from "../support/results.ts";

Deno.test("the summary shows the models, what was done and what came of it", async () => {
  const results = await exampleResults();
  assert.equal(
    summarize(results),
    `model     blocks     parameters  perplexity
teacher        6          6,000      10.000
pruned         4          4,000      40.000
student        4          4,000      20.000
control        4          4,000      25.000

teacher   "A\\nB"
pruned    "A C"
student   "A D"
control   "A E"

Removed blocks 4, 1. 3 steps, 12,345 tokens in 6.3 s; the control, by cross-entropy alone, in 5.0 s.
Perplexity on 1,500 held-out tokens: the student keeps 50.0 % of the teacher's and wins back 50.0 % of the ` +
      "cross-entropy lost by pruning.",
  );
});

Deno.test("the summary of a run without control and held-out rows", async () => {
  const results = await exampleResults(), { student } = results.training;
  const text = summarize({
    ...results,
    drop: [4],
    data: { training_rows: 10, validation_rows: 0 },
    control: null,
    training: { student, control: null },
  });
  assert.match(text, /\nRemoved block 4\. 3 steps, 12,345 tokens in 6\.3 s\.\n/);
  assert.match(text, /Perplexity on 1,500 tokens of the training rows, as none were held out: /);
  assert.doesNotMatch(text, /control/);
});
