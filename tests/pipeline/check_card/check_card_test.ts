import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { checkCard, checkCardFile, formatCheck, readPublished } from "../../../pipeline/check_card/mod.ts";
import { readMarkdown } from "../../../pipeline/check_card/markdown.ts";
import { makeCard } from "../../../pipeline/card/mod.ts";
import { measuredResults } from "../../support/measured_run.ts";
import { sharedPath } from "../../support/shared.ts";

const HONEST = fileURLToPath(new URL("cards/honest.md", import.meta.url));

Deno.test("a card's arithmetic is done again, and a wrong figure is flagged", async () => {
  const check = await checkCardFile(HONEST);
  const figures = check.findings.map(({ label, computed, decimals, agrees }) =>
    [label, computed.toFixed(decimals), agrees] as const
  );
  assert.deepEqual(figures, [
    ["Perplexity retention", "80.0", true],
    ["Capability retention", "98.5", true],
    ["Overall retention", "89.2", true],
    ["Recovery, arc_easy", "75.0", true],
    ["Recovery, piqa", "110.0", true],
    ["Recovery, Average", "90.9", true],
    ["Average, teacher", "66.0", true],
    ["Average, pruned", "55.0", true],
    ["Average, student", "65.0", true],
    ["Parameter Reduction", "20", false],
  ]);
  const overall = check.findings[2]!;
  assert.match(
    overall.notes.join(" "),
    /It is the mean of perplexity retention and capability retention, 2 numbers/,
  );
  assert.match(
    overall.notes.join(" "),
    /mean of the 2 tasks' ratios and the perplexity's, 3 numbers, would be: 92\.2 %/,
  );
  assert.deepEqual(check.items, { n: 200, known: "the card says so" });
  assert.ok(
    check.findings.slice(1, 6).every(({ interval, computed }) =>
      interval![0] <= computed && computed <= interval![1]
    ),
  );
  assert.deepEqual(check.missing, ["a training loss"]);
  const text = formatCheck(check);
  assert.match(text, /^-> Parameter Reduction +card +25 %, recomputed +20 %: DIFFERS$/m);
  assert.match(text, /10 figures recomputed, 1 differs beyond rounding/);
  assert.match(text, /on piqa student and teacher are 2 answers apart, which cannot be told from chance/);
});

Deno.test("figures agree where the rounding of what goes in explains the difference, and not beyond", () => {
  const card = (retention: string) =>
    `| Task | Teacher | Student |\n|---|---|---|\n| a | 61.3% | 57.8% |\n\n` +
    `- Teacher PPL: 13.3\n- Student PPL: 17.0\n\n` +
    `| Metric | Value |\n|---|---|\n| PPL Retention | ${retention} |\n`;
  const agrees = (retention: string) => checkCard(readPublished(card(retention), "x")).findings[0]!.agrees;
  // 13.3 / 17.0 is 78.24 %, from 77.7 to 78.8 by rounding.
  assert.deepEqual(["78.24%", "77.90%", "78.70%", "79.20%"].map(agrees), [true, true, true, false]);
});

Deno.test("what a card does not have is told; without scores there is nothing to check", () => {
  const { findings, missing, items, sentences } = checkCard(
    readPublished("| Task | Base | Student |\n|---|---|---|\n| a | 61.37% | 57.81% |\n", "x"),
  );
  assert.deepEqual([findings, items, sentences], [[], null, []]);
  assert.deepEqual(missing, [
    "perplexities of teacher and student",
    "a claimed perplexity retention",
    "a claimed capability retention",
    "a claimed overall retention",
    "recovery by task, with a column for the pruned model",
    "a line with the tasks' average",
    "a parameter reduction",
    "a training loss",
    "the number of items of each task, nor scores coarse enough to tell",
  ]);
  assert.throws(() => readPublished("# A card\n\n| a | b |\n|---|---|\n| c | 1 |\n", "card.md"), {
    name: "DataError",
    message:
      "Cannot check card.md: it has no table with a line for each task and a column each for teacher and student " +
      "(1 table was read); give a model card that has one",
  });
});

Deno.test("perplexities may stand in a line of the table of models", () => {
  const { perplexity, scores } = readPublished(
    "| | Teacher | Pruned | Student |\n|---|---|---|---|\n| a | 60% | 40% | 50% |\n| Perplexity | 12.5 | 80 | 14 |\n",
    "x",
  );
  assert.deepEqual([perplexity.teacher!.value, perplexity.pruned!.value, perplexity.student!.value], [
    12.5,
    80,
    14,
  ]);
  assert.deepEqual(scores.map(({ task }) => task), ["a"]);
});

Deno.test("tables are found without blank lines around them, with marks inside and bars escaped", () => {
  const { tables, lines } = readMarkdown(
    "- **Title**: x\n| A | B |\n|---|---|\n| `a\\|b` | **1** [x](y) |\nafter: 2\n",
  );
  assert.deepEqual(tables, [{ header: ["A", "B"], rows: [["a|b", "1 x"]] }]);
  assert.deepEqual(lines, ["Title: x", "after: 2"]);
});

Deno.test("a card that Lapidary writes agrees with itself", async () => {
  const { findings, items } = checkCard(readPublished(await makeCard(await measuredResults()), "README.md"));
  assert.deepEqual(findings.map(({ label, stated, agrees }) => [label, stated, agrees]), [
    ["Perplexity retention", 90.5, true],
    ["Capability retention", 90, true],
    ["Overall retention, mean of ratios", 90.1, true],
  ]);
  assert.deepEqual(items, { n: 40, known: "the card says so" });
});

const REFERENCE = sharedPath("reference-card.md");

Deno.test({
  name: `the published card of gem-3-small${REFERENCE ? "" : " (skipped: it is not beside the repository)"}`,
  ignore: REFERENCE === undefined,
  fn: async () => {
    const check = await checkCardFile(REFERENCE!), text = formatCheck(check);
    const stated = check.findings.map(({ label, stated, decimals, agrees }) =>
      [label, stated.toFixed(decimals), agrees] as const
    );
    assert.deepEqual(stated, [
      ["PPL Retention", "77.90", true],
      ["Capabilities Retention", "92.86", true],
      ["Overall Retention", "85.21", true],
      ["Overall Retention, as described", "85.21", false],
      ["Recovery, Arc Easy", "0.0", true],
      ["Recovery, Winogrande", "200.0", true],
      ["Recovery, Hellaswag", "0.0", true],
      ["Recovery, Lambada Openai", "0.0", true],
      ["Recovery, Piqa", "0.0", true],
      ["Recovery, Average", "66.7", true],
      ["Average, teacher", "56.0", true],
      ["Average, pruned", "44.0", true],
      ["Average, student", "52.0", true],
      ["Parameter Reduction", "8.32", true],
      ["Final Training Loss", "2.8342", true],
    ]);
    const computed = new Map(check.findings.map(({ label, computed }) => [label, computed]));
    assert.equal(computed.get("Overall Retention")!.toFixed(2), "85.21");
    assert.equal(computed.get("Overall Retention, as described")!.toFixed(2), "85.38");
    assert.equal(computed.get("Recovery, Average")!.toFixed(1), "66.7");
    assert.deepEqual(check.items, { n: 5, known: "every score is a multiple of one item's share" });
    assert.match(text, /It is the mean of the 5 tasks' ratios and the perplexity's, 6 numbers/);
    assert.match(text, /multiples of 20 %, so each task has 5 items/);
    assert.match(text, /up to 24\.5 points a task, 11\.0 points on their mean/);
    assert.match(text, /It is the cross-entropy on the held-out text, not a loss of training/);
    assert.match(text, /on all 5 tasks together student and teacher are 1 answer apart/);
    assert.deepEqual(check.missing, []);
  },
});
