import assert from "node:assert/strict";
import { summarize } from "../../pipeline/summary.ts";
import { comparisonsOf } from "../../pipeline/distill/compare.ts";
import { exampleResults, withAnswers } from "../support/results.ts";

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
      `cross-entropy lost by pruning.
Distillation's own share: student less control -0.2231 nats per token (95 % interval -0.2231 to -0.2231) on 2 rows.`,
  );
});

Deno.test("the summary shows the tasks, with what the student has over the control", async () => {
  const results = await exampleResults(), answers = [1, 1, 1, 1, 1, 1, 1, 1, 0, 0];
  const models = {
    teacher: withAnswers(results.teacher, "piqa", answers.map(() => 1)),
    pruned: withAnswers(results.pruned, "piqa", answers.map(() => 0)),
    student: withAnswers(results.student, "piqa", answers),
    control: withAnswers(results.control!, "piqa", answers.map((_, i) => i % 2)),
  };
  const text = summarize({ ...results, ...models, comparisons: comparisonsOf(models) });
  assert.ok(
    text.includes(`
control        4          4,000      25.000

accuracy, %     teacher   pruned  student  control   student less control
piqa              100.0      0.0     80.0     50.0   +30.0 (-10.0 to +70.0)
of 10 items a task

teacher   "A\\nB"
`),
    text,
  );
  const { control: _, ...others } = models, without = { ...others, control: null };
  assert.match(
    summarize({ ...results, ...without, comparisons: comparisonsOf(without) }),
    /\naccuracy, % {5}teacher {3}pruned {2}student\npiqa {14}100\.0 {6}0\.0 {5}80\.0\nof 10 items a task\n/,
  );
});

Deno.test("the summary of a run without control and held-out rows", async () => {
  const results = await exampleResults(), { student } = results.training;
  const text = summarize({
    ...results,
    drop: [4],
    data: { ...results.data, training_rows: 10, validation_rows: 0 },
    control: null,
    training: { student, control: null },
    comparisons: [],
  });
  assert.match(text, /\nRemoved block 4\. 3 steps, 12,345 tokens in 6\.3 s\.\n/);
  assert.match(text, /Perplexity on 1,500 tokens of the training rows, as none were held out: /);
  assert.doesNotMatch(text, /control/);
});
