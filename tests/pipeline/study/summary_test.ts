/** Figures of a study, of cells whose numbers are known. */
import assert from "node:assert/strict";
import type { ModelResult } from "../../../pipeline/results.ts";
import { cellsOf } from "../../../pipeline/study/cells.ts";
import { defineStudy } from "../../../pipeline/study/definition.ts";
import { studyMarkdown } from "../../../pipeline/study/markdown.ts";
import { intervalOverSeeds, spreadOf, studentT } from "../../../pipeline/study/spread.ts";
import { type FinishedCell, studyResults } from "../../../pipeline/study/summary.ts";
import { exampleModel, exampleResults, withAnswers } from "../../support/results.ts";

const STUDY = defineStudy({
  methods: { CE: { loss: { kind: "cross_entropy" } }, KL: { loss: { alpha: 0 } } },
  seeds: [1, 2, 3],
}, "it");

const closeTo = (actual: number, expected: number, error = 1e-9) =>
  assert.ok(Math.abs(actual - expected) < error, `${actual} for ${expected}`);

/** A model of this mean loss whose two rows differ from it by `unlike` in opposite directions. */
function model(nats: number, unlike: number, acc: readonly number[]): ModelResult {
  const rows = [{ sum: 10 * (nats + unlike), tokens: 10 }, { sum: 10 * (nats - unlike), tokens: 10 }];
  return withAnswers({ ...exampleModel(4, Math.exp(nats), ""), row_losses: rows }, "piqa", acc);
}

/** CE has the losses 1.0, 1.1 and 1.2; KL lies 0.2, 0.3 and 0.1 below. */
async function finished(): Promise<FinishedCell[]> {
  const results = await exampleResults(), lead = [0.2, 0.3, 0.1];
  return (await cellsOf(STUDY, {})).map((cell) => {
    const i = cell.seed - 1, isBase = cell.method === "CE";
    const student = isBase
      ? model(1 + i / 10, 0.05, [0, 1, 0, 1])
      : model(1 + i / 10 - lead[i]!, 0, [1, 1, i === 0 ? 1 : 0, 1]);
    const [teacher, pruned] = [model(0.5, 0, [1, 1, 1, 1]), model(2, 0, [0, 0, 0, 0])];
    return { cell, results: { ...results, teacher, pruned, student } };
  });
}

Deno.test("mean, spread and Student's interval over seeds", () => {
  closeTo(spreadOf([1, 2, 3]).deviation!, 1);
  assert.deepEqual(spreadOf([1]), { mean: 1, deviation: null });
  assert.equal(intervalOverSeeds([1]), null);
  const [low, high] = intervalOverSeeds([1, 2, 3])!;
  closeTo(low, 2 - 4.302653 / Math.sqrt(3), 1e-4);
  closeTo(high, 2 + 4.302653 / Math.sqrt(3), 1e-4);
  // scipy.stats.t.ppf(0.975, n)
  const quantiles = { 1: 12.7062047, 2: 4.3026527, 4: 2.7764451, 9: 2.2621572, 10: 2.2281389, 30: 2.0422725 };
  for (const [n, expected] of Object.entries(quantiles)) closeTo(studentT(Number(n)), expected, 2e-4);
});

Deno.test("a method's differences are paired by seed, and by row or item", async () => {
  const study = studyResults(STUDY, await finished());
  const { CE, KL } = study.methods as Record<string, typeof study.methods[string]>;
  closeTo(CE!.cross_entropy!.mean, 1.1);
  closeTo(CE!.cross_entropy!.deviation!, 0.1);
  assert.equal(CE!.cross_entropy!.difference, null);
  const { value, over_items, over_seeds, n } = KL!.cross_entropy!.difference!;
  closeTo(value, -0.2);
  assert.equal(n, 6);
  const reach = 4.3027 * 0.1 / Math.sqrt(3);
  closeTo(over_seeds![0], -0.2 - reach, 1e-4);
  closeTo(over_seeds![1], -0.2 + reach, 1e-4);
  // The six rows' differences lie between -0.35 and -0.05; their mean varies less.
  assert.ok(
    -0.35 < over_items![0] && over_items![0] < -0.2 && -0.2 < over_items![1] && over_items![1] < -0.05,
  );
  const tasks = KL!["piqa acc"]!.difference!;
  closeTo(tasks.value, (0.5 + 0.25 + 0.25) / 3);
  assert.equal(tasks.n, 4);
  closeTo(study.references.teacher.cross_entropy!.mean, 0.5);
  assert.equal(study.references.pruned["piqa acc"]!.mean, 0);
  assert.deepEqual(study.cells.map(({ method, seed }) => [method, seed]), [
    ...[["CE", 1], ["KL", 1], ["CE", 2], ["KL", 2], ["CE", 3], ["KL", 3]],
  ]);
});

Deno.test("the average over tasks weighs each task the same, and draws the items of each for themselves", async () => {
  const cells = (await finished()).map(({ cell, results }) => {
    const answers = cell.method === "CE" ? [0, 0] : [1, 1], { teacher, pruned, student } = results;
    const [t, p, s] = [teacher, pruned, student].map((model) => withAnswers(model, "arc_easy", answers));
    return { cell, results: { ...results, teacher: t!, pruned: p!, student: s! } };
  });
  const { methods } = studyResults(STUDY, cells),
    { value, over_items, n } = methods.KL!["average acc"]!
      .difference!;
  closeTo(value, (1 / 3 + 1) / 2);
  assert.equal(n, 6);
  const alone = methods.KL!["piqa acc"]!.difference!.over_items!;
  over_items!.forEach((end, i) => assert.ok(Math.abs(end - (alone[i]! + 1) / 2) < 0.1));
});

Deno.test("one seed: no spread, and no interval over seeds", async () => {
  const study = studyResults({ ...STUDY, seeds: [1] }, (await finished()).slice(0, 2));
  const { deviation, difference } = study.methods.KL!.cross_entropy!;
  assert.deepEqual([deviation, difference!.over_seeds], [null, null]);
  assert.ok(difference!.over_items);
  assert.match(
    studyMarkdown(study),
    /\| held-out loss \| KL +\| -0\.2000 +\| -0\.2500 to -0\.1500 \| unknown +\| 2 /,
  );
});

Deno.test("a study as Markdown", async () => {
  const text = studyMarkdown({ ...studyResults(STUDY, await finished()), description: "What KL adds" });
  const lines = text.split("\n");
  assert.deepEqual(lines.slice(0, 9), [
    "What KL adds.",
    "",
    "2 methods, seeds 1, 2, 3; 6 runs.",
    "Mean ± standard deviation over the seeds.",
    "",
    "| model   | perplexity    | piqa acc    |",
    "| ------- | ------------- | ----------- |",
    "| teacher | 1.649 ± 0.000 | 100.0 ± 0.0 |",
    "| pruned  | 7.389 ± 0.000 | 0.0 ± 0.0   |",
  ]);
  assert.match(
    text,
    /\n\| CE {6}\| 3\.004 ± 0\.300 \| 50\.0 ± 0\.0 {2}\|\n\| KL {6}\| 2\.460 ± 0\.4\d\d \| 83\.3 ± 14\.4 \|\n/,
  );
  assert.match(text, /\n\| measure +\| method \| less CE \| over items +\| over seeds +\| n \|\n/);
  assert.match(text, /\n\| piqa acc +\| KL +\| \+33\.3 +\| .* to \+\S+ +\| -2\.5 to \+69\.2 +\| 4 \|\n/);
});
