import assert from "node:assert/strict";
import {
  capabilityRetention,
  measureRetention,
  overallHalfAndHalf,
  overallMeanOfRatios,
  perplexityRetention,
  type RetentionItems,
  taskRecovery,
} from "../../../eval/statistics/mod.ts";

/** The published card of gem-3-small: arc_easy, winogrande, hellaswag, lambada, piqa. */
const TEACHER = [60, 60, 60, 40, 60], PRUNED = [60, 40, 60, 0, 60], STUDENT = [60, 80, 60, 0, 60];
const PERPLEXITY = { teacher: 13.26, student: 17.02 };

Deno.test("the formulas give the published card's figures", () => {
  assert.equal(perplexityRetention(PERPLEXITY).toFixed(1), "77.9");
  assert.equal(capabilityRetention(TEACHER, STUDENT).toFixed(2), "92.86");
  assert.equal(overallMeanOfRatios(TEACHER, STUDENT, PERPLEXITY).toFixed(2), "85.21");
  assert.equal(overallHalfAndHalf(TEACHER, STUDENT, PERPLEXITY).toFixed(2), "85.38");
  assert.equal(taskRecovery({ teacher: 56, pruned: 44, student: 52 }).toFixed(1), "66.7");
  assert.deepEqual(
    TEACHER.map((teacher, i) => taskRecovery({ teacher, pruned: PRUNED[i]!, student: STUDENT[i]! })),
    [0, 200, 0, 0, 0],
  );
});

Deno.test("the formulas give the figures of the same author's full evaluation", () => {
  const teacher = [57.32, 53.12, 41.30, 42.95, 68.06], student = [49.3, 53.0, 36.3, 33.7, 64.1];
  const overall = overallMeanOfRatios(teacher, student, { teacher: 12.91, student: 10.85 });
  assert.ok(Math.abs(overall - 94.2) < 0.1, String(overall));
});

Deno.test("a task that the teacher has all wrong is left out of the mean of ratios", () => {
  assert.equal(overallMeanOfRatios([50, 0], [25, 10], { teacher: 10, student: 10 }), 75);
});

const ones = (count: number, of: number) => Array.from({ length: of }, (_, i) => i < count ? 1 : 0);
const rows = (loss: number) => Array.from({ length: 20 }, (_, i) => ({ sum: 10 * loss + i % 3, tokens: 10 }));
const items = (a: number, b: number, loss: number): RetentionItems => ({
  tasks: { a: ones(a, 10), b: ones(b, 40) },
  rows: rows(loss),
});

Deno.test("retention of measured items: the formula's value, n, and an interval around it", () => {
  const models = { teacher: items(8, 30, 2), pruned: items(4, 20, 3), student: items(6, 28, 2.1) };
  const retention = measureRetention(models);
  const perplexity = (model: RetentionItems) =>
    Math.exp(model.rows.reduce((sum, { sum: row }) => sum + row, 0) / 200);
  const measured = { teacher: perplexity(models.teacher), student: perplexity(models.student) };
  const expected = {
    perplexityRetention: [perplexityRetention(measured), 20],
    averageRecovery: [taskRecovery({ teacher: 77.5, pruned: 45, student: 65 }), 50],
    capabilityRetention: [capabilityRetention([80, 75], [60, 70]), 50],
    overallMeanOfRatios: [overallMeanOfRatios([80, 75], [60, 70], measured), 70],
    overallHalfAndHalf: [overallHalfAndHalf([80, 75], [60, 70], measured), 70],
  } as const;
  for (const [name, [value, n]] of Object.entries(expected)) {
    const estimate = retention[name as keyof typeof expected]!, [low, high] = estimate.interval!;
    assert.ok(Math.abs(estimate.value - value) < 1e-9, `${name}: ${estimate.value} is not ${value}`);
    assert.equal(estimate.n, n, name);
    assert.ok(low <= value && value <= high, `${name}: ${low} to ${high} does not hold ${value}`);
  }
  assert.deepEqual([retention.taskRecovery.a!.value, retention.taskRecovery.a!.n], [50, 10]);
  assert.equal(retention.taskRecovery.b!.value, 80);
  assert.deepEqual(measureRetention(models), retention);
});

Deno.test("without tasks there is perplexity alone", () => {
  const model = (loss: number) => ({ tasks: {}, rows: rows(loss) });
  const retention = measureRetention({ teacher: model(2), pruned: model(3), student: model(2.5) });
  assert.ok(retention.perplexityRetention.interval);
  assert.deepEqual([retention.capabilityRetention, retention.overallMeanOfRatios, retention.taskRecovery], [
    null,
    null,
    {},
  ]);
});

Deno.test("other items or rows are refused", () => {
  const models = { teacher: items(8, 30, 2), pruned: items(4, 20, 3), student: items(6, 28, 2.1) };
  const fewer = { ...models.student, tasks: { a: ones(3, 9), b: models.student.tasks.b! } };
  assert.throws(() => measureRetention({ ...models, student: fewer }), {
    name: "DataError",
    message:
      "Cannot compute retention: the teacher has 10 items of a and the student 9; evaluate all on the same",
  });
  assert.throws(() => measureRetention({ ...models, pruned: { ...models.pruned, rows: [] } }), {
    message:
      "Cannot compute retention: the teacher has 20 held-out rows and the pruned 0; measure the perplexity of all " +
      "on the same",
  });
});
