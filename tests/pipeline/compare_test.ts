import assert from "node:assert/strict";
import { join } from "node:path";
import { compareRuns, runCompare } from "../../pipeline/compare.ts";
import { formatComparison } from "../../pipeline/compare_text.ts";
import type { Results } from "../../pipeline/results.ts";
import { measuredResults, writeRun } from "../support/measured_run.ts";
import { inTemporaryDirectory } from "../support/temporary.ts";

/** A second run: the first's control stands in its student's place. */
async function twoRuns(
  settings: readonly string[] = ["loss.kind=jsd", "loss.skew=0.5"],
): Promise<[Results, Results]> {
  const other = await measuredResults(settings);
  return [await measuredResults(), { ...other, student: other.control!, control: null }];
}

Deno.test("students on the same rows are paired: difference, interval, test and sentence", async () => {
  const [a, b] = await twoRuns();
  const { differences, unpaired, settings, figures } = compareRuns([
    { name: "a", results: a },
    { name: "b", results: b },
  ]);
  assert.deepEqual(unpaired, []);
  assert.deepEqual(
    differences.map(({ on, metric, n, runs }) => [on, metric, n, ...runs]),
    [
      ["held_out", "cross_entropy", 24, "a", "b"],
      ["arc_easy", "acc", 40, "a", "b"],
      ["arc_easy", "acc_norm", 40, "a", "b"],
      ["lambada_openai", "acc", 40, "a", "b"],
      ["lambada_openai", "log_likelihood", 40, "a", "b"],
    ],
  );
  const [loss, , norm] = differences;
  assert.ok(Math.abs(loss!.value - 0.05) < 1e-9);
  assert.ok(Math.abs(norm!.value + 0.075) < 1e-9);
  assert.equal(norm!.p!.toFixed(6), "0.250000");
  assert.equal(
    norm!.sentence,
    "With 40 items one answer moves the score by 2.5 points; on arc_easy (acc_norm) the student of b and the student of a " +
      "answer 3 items differently (p = 0.250), so they cannot be told apart.",
  );
  assert.deepEqual(settings, [
    { key: "loss.kind", values: ["forward_kl", "jsd"] },
    { key: "loss.skew", values: [0, 0.5] },
  ]);
  const control = figures.find(({ model, metric }) => model === "control" && metric === "acc_norm")!;
  assert.deepEqual([control.values[0]!.n, control.values[1]], [40, null]);
});

Deno.test("other rows, other items, tasks of one alone and rows unknown are not paired, each with its reason", async () => {
  const [a, b] = await twoRuns();
  const reasons = (other: Results) =>
    compareRuns([{ name: "a", results: a }, { name: "b", results: other }]).unpaired.map((
      { on, reason },
    ) => [on, reason]);
  const data = (change: Partial<Results["data"]>): Results => ({ ...b, data: { ...b.data, ...change } });
  assert.deepEqual(reasons(data({ held_out: { rows: 20, sha256: "f".repeat(64) } })), [[
    "held_out",
    "the held-out rows are not the same: SHA-256 bbbbbbbbbbbb (24 rows) and ffffffffffff (20); give both runs the same " +
    "data, data.validation, seed and evaluate.rows",
  ]]);
  const { arc_easy, lambada_openai } = b.data.tasks;
  const rows = { ...arc_easy!, sha256: "e".repeat(64) };
  assert.deepEqual(reasons(data({ tasks: { arc_easy: rows, lambada_openai: lambada_openai! } })), [[
    "arc_easy",
    "the rows are not the same: SHA-256 cccccccccccc (40 rows) and eeeeeeeeeeee (40); give both runs the same " +
    "evaluate.task_data and evaluate.task_limit",
  ]]);
  assert.deepEqual(reasons(data({ tasks: { arc_easy: arc_easy! } })), [[
    "lambada_openai",
    "b does not say which rows it was measured on",
  ]]);
  const { arc_easy: arc } = b.student.tasks;
  assert.deepEqual(reasons({ ...b, student: { ...b.student, tasks: { arc_easy: arc! } } }), [
    ["lambada_openai", "only a has it"],
  ]);
});

Deno.test("what a person reads: figures with n, differences, reasons, settings", async () => {
  const [a, b] = await twoRuns();
  const other = { ...b, data: { ...b.data, tasks: {} } };
  const text = formatComparison(compareRuns([{ name: "a", results: a }, { name: "runs/b", results: other }]));
  assert.match(text, /\| held_out +\| perplexity \| student \| 8\.485 \(n = 24\) +\| 8\.920 \(n = 24\) +\|/);
  assert.match(text, /\| arc_easy +\| acc_norm +\| control \| 65\.0 ± 7\.6 \(n = 40\) +\| - +\|/);
  assert.match(
    text,
    /\| held_out \| cross_entropy \| runs\/b \| 24 \| \+0\.0500 +\| \+0\.0500 to \+0\.0500 \|/,
  );
  assert.match(text, /Not compared item by item:\n- arc_easy of runs\/b: /);
  assert.match(text, /\| loss\.kind +\| "forward_kl" +\| "jsd" +\|/);
  const same = formatComparison(compareRuns([{ name: "a", results: a }, { name: "b", results: a }]));
  assert.match(same, /All settings are the same\.$/);
});

Deno.test("three runs are read from their directories, the first against each other one", () =>
  inTemporaryDirectory(async (directory) => {
    const [a, b] = await twoRuns(["seed=1"]);
    const runs = [];
    for (const [name, results] of [["a", a], ["b", b], ["c", a]] as const) {
      runs.push(await writeRun(join(directory, name), results));
    }
    const { differences, settings } = await runCompare(runs);
    assert.deepEqual(differences.map(({ runs: [, second] }) => second.at(-1)).join(""), "bbbbbccccc");
    assert.deepEqual(settings, [{ key: "seed", values: [42, 1, 42] }]);
    assert.ok(differences.slice(5).every(({ value }) => value === 0));
  }));
