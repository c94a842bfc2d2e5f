import assert from "node:assert/strict";
import { join } from "node:path";
import { addView, type ViewRequest } from "../../cli/view.ts";
import { lapidary, requestOf } from "../support/cli.ts";
import { exampleResults } from "../support/results.ts";
import { writeRun } from "../support/run.ts";
import { inTemporaryDirectory } from "../support/temporary.ts";

Deno.test("view asks for a page of a preset's step, or of a run", async () => {
  await inTemporaryDirectory(async (directory) => {
    const out = join(directory, "page.html");
    const { config, ...plain } = await requestOf<ViewRequest>(addView, "view", "--out", out);
    assert.deepEqual(plain, {
      play: false,
      run: undefined,
      tokens: 32,
      subgroups: false,
      out,
      port: undefined,
    });
    assert.equal(config.teacher, "pebble");
    const served = await requestOf<ViewRequest>(addView, "view", "some/run", "--serve", "--tokens", "8");
    assert.deepEqual([served.run, served.out, served.port, served.tokens], ["some/run", undefined, 0, 8]);
  });
});

Deno.test("view refuses what does not go together, and a file that is there", async () => {
  await inTemporaryDirectory(async (directory) => {
    const out = join(directory, "page.html");
    const refused = async (...args: string[]) => (await lapidary("view", ...args)).err.split("\n")[0];
    assert.equal(
      await refused("some/run", "--step", "--out", out),
      "error: Cannot view some/run with --step as a run has its own configuration; give one or the other",
    );
    assert.equal(
      await refused("--play", "--tokens", "8", "--out", out),
      "error: Cannot play with --tokens as --play builds one page, of Pebble; give one or the other",
    );
    assert.equal(
      await refused("--port", "8000", "--out", out),
      "error: Cannot use --port without --serve; give both",
    );
    await Deno.writeTextFile(out, "mine");
    assert.match((await refused("--out", out))!, /it exists already; name another place with --out/);
    assert.equal(await Deno.readTextFile(out), "mine");
  });
});

Deno.test("view names the nearest run, and says what a run of another version lacks", async () => {
  await inTemporaryDirectory(async (directory) => {
    const run = join(directory, "first-run"),
      out = join(directory, "page.html"),
      results = await exampleResults();
    await writeRun(run, results);
    const missing = join(directory, "first-rum");
    assert.equal(
      (await lapidary("view", missing, "--out", out)).err,
      `error: Cannot view ${missing}: it does not exist; did you mean "first-run"?\n`,
    );
    const path = join(run, "results.json");
    await Deno.writeTextFile(path, JSON.stringify({ ...results, version: 1 }));
    const { code, err } = await lapidary("view", run, "--out", out);
    assert.equal(code, 1);
    assert.match(err, /is of version 1 and this Lapidary reads version 2/);
    assert.match(err, /since version 1 came the control/);
  });
});
