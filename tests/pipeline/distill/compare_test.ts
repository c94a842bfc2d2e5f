import assert from "node:assert/strict";
import { comparisonsOf } from "../../../pipeline/distill/compare.ts";
import { exampleResults, withAnswers } from "../../support/results.ts";

Deno.test("the student beside control, teacher and pruned model, on rows and on each task's items", async () => {
  const { teacher, pruned, student, control } = await exampleResults();
  const found = comparisonsOf({
    teacher: withAnswers(teacher, "piqa", [1, 1, 1, 1]),
    pruned: withAnswers(pruned, "piqa", [0, 0, 0, 0]),
    student: withAnswers(student, "piqa", [1, 1, 1, 0]),
    control: withAnswers(control!, "piqa", [1, 0, 1, 0]),
  });
  assert.deepEqual(
    found.map(({ models, on, metric, n }) => [...models, on, metric, n]),
    ["control", "teacher", "pruned"].flatMap((other) => [
      ["student", other, "held_out", "cross_entropy", 2],
      ["student", other, "piqa", "acc", 4],
    ]),
  );
  const differences = found.map(({ difference }) => difference);
  const expected = [Math.log(20 / 25), 0.25, Math.log(20 / 10), -0.25, Math.log(20 / 40), 0.75];
  differences.forEach((difference, i) => assert.ok(Math.abs(difference - expected[i]!) < 1e-12));
  // One item of four decides as a coin would; three of three alike happen to two coins in eight.
  assert.deepEqual(found.map(({ p }) => p && Number(p.toFixed(12))), [null, 1, null, 1, null, 0.25]);
  for (const { difference, interval } of found) {
    assert.ok(interval![0] <= difference + 1e-12 && difference - 1e-12 <= interval![1]);
  }
});

Deno.test("without a control there are two comparisons; of a single row no interval", async () => {
  const { teacher, pruned, student } = await exampleResults();
  const one = (model: typeof teacher) => ({ ...model, row_losses: model.row_losses.slice(0, 1) });
  const found = comparisonsOf({
    teacher: one(teacher),
    pruned: one(pruned),
    student: one(student),
    control: null,
  });
  assert.deepEqual(found.map(({ models, interval }) => [models[1], interval]), [["teacher", null], [
    "pruned",
    null,
  ]]);
});
