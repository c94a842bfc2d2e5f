/** `card` and `compare` through the command line. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { addCard } from "../../cli/card.ts";
import { lapidary, requestOf } from "../support/cli.ts";
import { measuredResults, writeRun } from "../support/measured_run.ts";
import { inTemporaryDirectory } from "../support/temporary.ts";

Deno.test("card writes a run's card with the facts that are given", () =>
  inTemporaryDirectory(async (directory) => {
    const run = await writeRun(join(directory, "run"), await measuredResults());
    const card = join(run, "student", "README.md");
    const { code, out, err } = await lapidary("card", run, "--license", "gemma", "--language", "en", "de");
    assert.deepEqual([code, out, err], [0, `Written to ${card}\n`, ""]);
    assert.match(await Deno.readTextFile(card), /^---\nlicense: gemma\nlanguage:\n {2}- en\n {2}- de\n/);
    const again = await lapidary("card", run, "--json");
    assert.deepEqual(JSON.parse(again.out), { card });
    assert.match(await Deno.readTextFile(card), /^---\nlicense: apache-2\.0\n/);
  }));

Deno.test("card --check computes a published card again; --json has the figures", () =>
  inTemporaryDirectory(async (directory) => {
    const file = join(directory, "card.md");
    await Deno.writeTextFile(
      file,
      "| Task | Teacher | Pruned | Student | Recovery |\n|---|---|---|---|---|\n| a | 60% | 40% | 80% | 150% |\n",
    );
    const { code, out, err } = await lapidary("card", "--check", file);
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, /^-> Recovery, a +card +150 %, recomputed +200 %: DIFFERS$/m);
    const { findings } = JSON.parse((await lapidary("card", "--check", file, "--json")).out);
    assert.deepEqual([findings[0].stated, findings[0].computed, findings[0].agrees], [150, 200, false]);
    const none = await lapidary("card", "--check", join(directory, "none.md"));
    assert.equal(none.code, 1);
    assert.match(none.err, /^error: Cannot read .*none\.md: /);
  }));

Deno.test("card wants a run or a card to check, and not both", async () => {
  assert.deepEqual(await requestOf(addCard, "card", "--check", "x.md"), { check: "x.md", json: false });
  const none = await lapidary("card"), both = await lapidary("card", "run", "--check", "x.md");
  assert.deepEqual(
    [none.code, none.err, both.code, both.err],
    [
      2,
      "error: Missing a run; name the directory of a finished run, or a published card with --check\n",
      2,
      "error: Cannot both write the card of run and check x.md; give one of them\n",
    ],
  );
});

Deno.test("compare: runs side by side, and one alone is refused", () =>
  inTemporaryDirectory(async (directory) => {
    const results = await measuredResults();
    const [a, b] = [
      await writeRun(join(directory, "a"), results),
      await writeRun(join(directory, "b"), results),
    ];
    const { code, out } = await lapidary("compare", a, b);
    assert.equal(code, 0);
    assert.match(out, /Students, less that of .*a, on the same rows and items/);
    const json = JSON.parse((await lapidary("compare", a, b, "--json")).out);
    assert.deepEqual(Object.keys(json), ["runs", "figures", "differences", "unpaired", "settings"]);
    const alone = await lapidary("compare", a);
    assert.deepEqual([alone.code, alone.err], [
      2,
      `error: Cannot compare ${a} with nothing; name another run\n`,
    ]);
    const missing = await lapidary("compare", a, join(directory, "none"));
    assert.equal(missing.code, 1);
    assert.match(missing.err, /^error: Cannot read .*results\.json/);
  }));
