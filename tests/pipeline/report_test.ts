import assert from "node:assert/strict";
import { join } from "node:path";
import { DataError } from "../../engine/mod.ts";
import { figuresOf } from "../../pipeline/report/figures.ts";
import { heldOutEstimates } from "../../pipeline/report/held_out.ts";
import { html } from "../../pipeline/report/html.ts";
import { writeReport } from "../../pipeline/report/mod.ts";
import { reportPage } from "../../pipeline/report/page.ts";
import { parseLog, readRun, type RunRecord } from "../../pipeline/report/read.ts";
import { verdict } from "../../pipeline/report/verdict.ts";
import { recovery, type Results } from "../../pipeline/results.ts";
import { fileOf } from "../../pipeline/svg/mod.ts";
import { exampleResults } from "../support/results.ts";
import { exampleLog, HOSTILE, hostileResults, writeRun } from "../support/run.ts";
import { assertOwnLock } from "../support/lock.ts";
import { assertWellFormed } from "../support/svg.ts";
import { inTemporaryDirectory, namesIn } from "../support/temporary.ts";

/** A run as it is read, of so many steps. */
function recordOf(results: Results, steps = 3): RunRecord {
  const log = parseLog(exampleLog(steps), "log.jsonl");
  return {
    name: `"><b>run</b>`,
    results,
    heldOut: heldOutEstimates(results),
    logs: { student: log, control: results.control ? log : undefined },
  };
}

/** As {@link hostileResults}, but the student less the control is known to this interval. */
async function withLead(difference: number, interval: readonly [number, number] | null): Promise<Results> {
  const results = await exampleResults();
  const comparisons = results.comparisons.map((each) =>
    each.models[1] === "control" && each.on === "held_out" ? { ...each, difference, interval } : each
  );
  return { ...results, comparisons };
}

Deno.test("the verdict tells what was removed, what it cost, what healing won back, and whether distillation helped", async () => {
  const before =
    "Without blocks 1 and 4 (2 of 6, 33.3 % of the parameters), perplexity on held-out text rose from " +
    "10.00 to 40.00; healing brought it to 20.00 and won back 50.0 % of the lost cross-entropy; ";
  const ends: [Results, string][] = [
    [
      await withLead(-0.2, [-0.3, -0.1]),
      "distillation itself helped: the student's cross-entropy is below that of the control, trained without a teacher, " +
      "by 0.2000 nats per token (95 % interval 0.1000 to 0.3000).",
    ],
    [
      await withLead(0.2, [0.1, 0.3]),
      "distillation itself did harm: the student's cross-entropy is above that of the control, trained without a " +
      "teacher, by 0.2000 nats per token (95 % interval 0.1000 to 0.3000).",
    ],
    [
      await withLead(-0.01, [-0.03, 0.01]),
      "whether distillation itself helped cannot be told: the student's cross-entropy less that of the control, trained " +
      "without a teacher, is −0.0100 nats per token, and its 95 % interval, −0.0300 to 0.0100, holds 0.",
    ],
    [
      await withLead(-0.01, null),
      "whether distillation itself helped is not known, as there are too few held-out rows.",
    ],
    [
      { ...await exampleResults(), control: null, comparisons: [] },
      "whether distillation itself helped is not known, as no control was trained.",
    ],
  ];
  for (const [results, end] of ends) assert.equal(verdict(results), before + end);
});

Deno.test("the verdict does not praise what did not happen", async () => {
  const results = await exampleResults(), { config, teacher, student } = results;
  const alone = {
    ...results,
    config: { ...config, loss: { ...config.loss, kind: "cross_entropy" as const } },
  };
  assert.match(
    verdict(alone),
    /; the student learned by cross-entropy alone, so distillation had no part in it\.$/,
  );
  const worse = { ...results, student: { ...student, perplexity: 41 } };
  assert.match(verdict(worse), /; healing did not lower it: 41\.00; /);
  const free = {
    ...results,
    drop: [3],
    pruned: { ...results.pruned, perplexity: 9 },
    student: { ...student, perplexity: 8 },
  };
  assert.match(
    verdict(free),
    /^Without block 3 \(1 of 6, .* did not rise: 10\.00 before, 9\.000 after; healing brought it to 8\.000; /,
  );
  const seen = { ...results, data: { ...results.data, training_rows: 8, validation_rows: 0 } };
  assert.match(verdict(seen), /perplexity on the training rows \(none were held out\) rose/);
  assert.equal(teacher.layers, 6);
});

Deno.test("held-out rows are drawn again for all models alike", async () => {
  const results = await exampleResults(),
    { perplexity, retention, recovery: won, rows } = heldOutEstimates(results);
  const { teacher, pruned, student } = results;
  assert.deepEqual([...perplexity.keys()], ["teacher", "pruned", "student", "control"]);
  assert.ok(Math.abs(perplexity.get("student")!.value - 20) < 1e-9);
  assert.ok(Math.abs(retention.value - 50) < 1e-9);
  assert.ok(
    Math.abs(won.value - recovery(teacher.cross_entropy, pruned.cross_entropy, student.cross_entropy)) < 1e-9,
  );
  // Every row of a model has the same loss here, so no draw gives another figure.
  assert.ok(Math.abs(retention.interval![0] - 50) < 1e-9 && Math.abs(retention.interval![1] - 50) < 1e-9);
  assert.equal(rows, 2);
});

Deno.test("what is not markup is escaped, in text and in attributes", () => {
  const inner = html`<i>${'<&">'}</i>`;
  assert.equal(
    html`<p title="${'"'}">${[inner, 1, ["<", inner]]}</p>`.text,
    `<p title="&quot;"><i>&lt;&amp;&quot;&gt;</i>1&lt;<i>&lt;&amp;&quot;&gt;</i></p>`,
  );
});

Deno.test("a page of hostile texts has no script, no address and no tag that it did not write", async () => {
  const page = reportPage(recordOf(await hostileResults()));
  const tags = new Set([...page.matchAll(/<\/?([a-z][a-z0-9]*)/gi)].map(([, name]) => name!.toLowerCase()));
  for (const tag of ["script", "img", "a", "link", "b", "iframe"]) assert.ok(!tags.has(tag), tag);
  const attributes = [...page.matchAll(/<[a-z][^>]*>/gi)].flatMap((
    [tag],
  ) => [...tag.matchAll(/\s([a-z-]+)=/gi)]);
  for (const [, name] of attributes) assert.doesNotMatch(name!, /^(on.*|src|href|action|srcset)$/i);
  assert.doesNotMatch(page, /url\(|@import/);
  assert.match(page, /&lt;script&gt;document\.title = &quot;broken&quot;&lt;\/script&gt; &amp; \uFFFD/);
  assert.match(page, /&lt;b&gt;loss&lt;\/b&gt; &quot;warned&quot;/);
  assert.match(page, /<title>&quot;&gt;&lt;b&gt;run&lt;\/b&gt;: Lapidary report<\/title>/);
  assert.doesNotMatch(page, /[^\P{Cc}\t\n]|undefined|NaN|\[object/u);
  assert.ok(HOSTILE.sample.includes("\u0001"));
});

Deno.test("every figure is well-formed at every width, says what it shows, and stays inside its width", async () => {
  const figures = figuresOf(recordOf(await hostileResults(), 40));
  assert.deepEqual(
    Object.values(figures).map((figure) => figure?.name),
    ["importance", "perplexity", "tasks", "differences", "training", "time", "memory"],
  );
  for (const figure of Object.values(figures)) {
    for (const width of [328, 720]) {
      const drawing = figure!.draw(width), svg = fileOf(drawing, ["a & b", "<c>"]);
      assertWellFormed(svg);
      assert.match(svg, /<title>[^<]+<\/title>/);
      assert.match(svg, /<desc>[^<]{20,}<\/desc>/);
      for (const [, x] of drawing.parts.join("").matchAll(/ x[12]?="(-?[\d.]+)"/g)) {
        assert.ok(Number(x) >= 0 && Number(x) <= width, `${figure!.name} at ${width}: ${x}`);
      }
      assert.equal(fileOf(figure!.draw(width), ["a & b", "<c>"]), svg, "the same results, another picture");
    }
  }
});

Deno.test("what a run does not have is not drawn", async () => {
  const results = { ...await exampleResults(), control: null, comparisons: [] }, record = recordOf(results);
  const { importance, tasks, differences, memory, ...drawn } = figuresOf(record);
  assert.deepEqual([importance, tasks, differences, memory], [undefined, undefined, undefined, undefined]);
  assert.ok(Object.values(drawn).every((figure) => figure !== undefined));
  const page = reportPage(record);
  assert.doesNotMatch(page, /<h2>(Importance|Tasks|Memory|The student against the others)/);
  assert.doesNotMatch(drawn.training!.draw(720).parts.join(""), /control/);
});

Deno.test("a long training is drawn with no more points than pixels", async () => {
  const points = (steps: number, results: Results) => {
    const parts = figuresOf(recordOf(results, steps)).training!.draw(720).parts.join("");
    return Math.max(
      ...[...parts.matchAll(/points="([^"]+)"/g)].map(([, points]) => points!.split(" ").length),
    );
  };
  const results = await exampleResults();
  assert.deepEqual([points(300, results), points(10_000, results)], [300, 400]);
  assert.match(figuresOf(recordOf(results, 10_000)).training!.caption, /\(means of 25 steps\)/);
});

Deno.test("the report of a run: one page, pictures as SVG and PNG, the same each time", async () => {
  await inTemporaryDirectory(async (run) => {
    await writeRun(run, await hostileResults());
    await writeReport(run);
    const first = await Deno.readFile(join(run, "report.html")), pictures = join(run, "pictures");
    assert.ok(first.length < 200_000, `${first.length} bytes`);
    const names = ["differences", "importance", "memory", "perplexity", "tasks", "time", "training"];
    assert.deepEqual(await namesIn(pictures), names.flatMap((name) => [`${name}.png`, `${name}.svg`]));
    for (const name of names) {
      const png = await Deno.readFile(join(pictures, `${name}.png`)), view = new DataView(png.buffer);
      assert.deepEqual([...png.subarray(1, 4)].map((byte) => String.fromCharCode(byte)).join(""), "PNG");
      assert.equal(view.getUint32(16), 2 * (720 + 48), "width");
      assert.ok(png.length > 20_000, `${name}.png has ${png.length} bytes: is there text in it?`);
    }
    await writeReport(run);
    assert.deepEqual(await Deno.readFile(join(run, "report.html")), first);
  });
});

Deno.test("what is no finished run is refused with its cure", async () => {
  await inTemporaryDirectory(async (run) => {
    const refused = (message: string) => assert.rejects(readRun(run), { name: "DataError", message });
    const path = (name: string) => join(run, name);
    await refused(
      `Cannot report on ${run}: it has no results.json; name the directory of a run that "distill" finished`,
    );
    const results = await exampleResults();
    await writeRun(run, { ...results, version: 1 as 2 });
    await refused(
      `Cannot read ${path("results.json")}: it is of version 1 and this Lapidary reads version 2; ` +
        "since version 1 came the control and its comparisons, the data with their hashes, and the memory of each stage; " +
        "run distill again with the run's config.resolved.json as --preset",
    );
    await writeRun(run, results);
    await Deno.remove(path("control.log.jsonl"));
    await refused(
      `Cannot draw the training: ${
        path("control.log.jsonl")
      } is missing; put the log back, or run distill again ` +
        "with the run's config.resolved.json as --preset",
    );
    await writeRun(run, results);
    await Deno.writeTextFile(path("log.jsonl"), exampleLog(2) + '{"step":3}\n');
    await refused(
      `Cannot read ${
        path("log.jsonl")
      }: line 3 is neither a step nor a validation of a training; remove the line`,
    );
    await Deno.writeTextFile(path("log.jsonl"), "\n");
    await refused(
      `Cannot draw the training: ${path("log.jsonl")} has no step; put the log of the run in its place`,
    );
  });
});

Deno.test("a line that is no record of a training is refused, whatever it holds", () => {
  for (
    const line of [
      "{",
      "null",
      "1",
      "[]",
      '{"losses":{}}',
      '{"step":1,"validation":null}',
      '{"step":1,"losses":{"total":"NaN"}}',
    ]
  ) {
    assert.throws(() => parseLog(line, "log"), DataError, line);
  }
});

Deno.test("the browser tests' lock holds all that the repository's does, and playwright", async () => {
  await assertOwnLock("tests/browser/deno.lock", "tests/browser/playwright.ts", 2);
});
