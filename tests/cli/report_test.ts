import assert from "node:assert/strict";
import { join } from "node:path";
import { lapidary } from "../support/cli.ts";
import { exampleResults } from "../support/results.ts";
import { writeRun } from "../support/run.ts";
import { inTemporaryDirectory, namesIn } from "../support/temporary.ts";

Deno.test("report writes the page and the pictures of a finished run", async () => {
  await inTemporaryDirectory(async (directory) => {
    const run = join(directory, "run");
    await writeRun(run, await exampleResults());
    assert.deepEqual(await lapidary("report", run), {
      code: 0,
      out: `Written to ${run}: report.html, pictures/\n`,
      err: "",
    });
    assert.deepEqual(await namesIn(run), [
      "control.log.jsonl",
      "log.jsonl",
      "pictures",
      "report.html",
      "results.json",
    ]);
  });
});

Deno.test("report says what is wrong with a directory that is no finished run", async () => {
  await inTemporaryDirectory(async (directory) => {
    assert.deepEqual(await lapidary("report", directory), {
      code: 1,
      out: "",
      err:
        `error: Cannot report on ${directory}: it has no results.json; name the directory of a run that "distill" finished\n`,
    });
    assert.equal((await lapidary("report")).code, 2);
    assert.deepEqual(await namesIn(directory), []);
  });
});
