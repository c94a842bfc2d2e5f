import assert from "node:assert/strict";
import { join } from "node:path";
import { DataError } from "../../engine/mod.ts";
import { modelsOf, readResults, recovery } from "../../pipeline/results.ts";
import { rejectsWith } from "../support/errors.ts";
import { exampleResults } from "../support/results.ts";
import { inTemporaryDirectory } from "../support/temporary.ts";

Deno.test("recovery is the share of the lost cross-entropy won back, and 0 where nothing was lost", () => {
  assert.equal(recovery(2, 4, 2.5), 75);
  assert.equal(recovery(2, 4, 5), -50);
  assert.equal(recovery(2, 2, 1), 0);
});

Deno.test("the models of a run come in order, the control only where there is one", async () => {
  const results = await exampleResults();
  assert.deepEqual(modelsOf(results).map(([name]) => name), ["teacher", "pruned", "student", "control"]);
  const without = modelsOf({ ...results, control: null });
  assert.deepEqual(without.map(([name]) => name), ["teacher", "pruned", "student"]);
});

Deno.test("results are read back as they were written, from the run or the file", () =>
  inTemporaryDirectory(async (directory) => {
    const results = await exampleResults(), path = join(directory, "results.json");
    await Deno.writeTextFile(path, JSON.stringify(results));
    assert.deepEqual(await readResults(directory), results);
    assert.deepEqual(await readResults(path), results);
  }));

Deno.test("results of another version, or of something else, are refused", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "results.json");
    await rejectsWith(
      readResults(directory),
      DataError,
      `Cannot read ${path}: it does not exist; check the path`,
    );
    await Deno.writeTextFile(path, '{"version":1}');
    await rejectsWith(
      readResults(directory),
      DataError,
      `Cannot read ${path}: it is of version 1 and this Lapidary reads version 2; ` +
        "since version 1 came the control and its comparisons, the data with their hashes, and the memory of each stage; " +
        "run distill again with the run's config.resolved.json as --preset",
    );
    for (const text of ["{}", "[]", "null", "3"]) {
      await Deno.writeTextFile(path, text);
      await rejectsWith(
        readResults(directory),
        DataError,
        `Cannot read ${path}: it has no version, so it is not what distill writes; name the directory of a run`,
      );
    }
  }));

Deno.test("damaged results are refused, naming what is wrong", () =>
  inTemporaryDirectory(async (directory) => {
    const path = join(directory, "results.json");
    // deno-lint-ignore no-explicit-any -- damaged on purpose
    const damages: [string, string, (results: any) => unknown][] = [
      ["teacher", "Invalid input: expected object, received undefined", (r) => delete r.teacher],
      [
        "config.train.lr",
        "Invalid input: expected number, received string",
        (r) => r.config.train.lr = "fast",
      ],
      [
        "data.files.0.rows",
        "Invalid input: expected number, received null",
        (r) => r.data.files[0].rows = null,
      ],
      ["student.row_losses", "not the teacher's rows", (r) => r.student.row_losses.pop()],
      ["pruned.tasks", "not the teacher's tasks", (r) => r.pruned.tasks.piqa = task(2)],
      ["student.tasks.piqa", "not the teacher's items", (r) => tasks(r, task(2), task(3), task(2))],
      [
        "teacher.tasks.piqa.items",
        "not as many items as it says",
        (r) => tasks(r, { ...task(2), n: 3 }, task(2), task(2)),
      ],
      ["training.control", "missing, and there is a control", (r) => r.training.control = null],
    ];
    for (const [place, message, damage] of damages) {
      const results = JSON.parse(JSON.stringify(await exampleResults()));
      damage(results);
      await Deno.writeTextFile(path, JSON.stringify(results));
      await rejectsWith(
        readResults(directory),
        DataError,
        `Cannot read ${path}: "${place}" is wrong (${message}), so the file is damaged; run distill again with the run's ` +
          "config.resolved.json as --preset",
      );
    }
  }));

const task = (n: number) => ({
  n,
  metrics: { acc: { value: 1, stderr: null } },
  items: { acc: Array(n).fill(1) },
});

// deno-lint-ignore no-explicit-any -- damaged on purpose
function tasks(results: any, teacher: unknown, student: unknown, others: unknown): void {
  results.teacher.tasks.piqa = teacher;
  results.student.tasks.piqa = student;
  results.pruned.tasks.piqa = results.control.tasks.piqa = others;
}
