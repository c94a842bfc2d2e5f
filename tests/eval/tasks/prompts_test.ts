/** What is asked about a row, by hand. */
import assert from "node:assert/strict";
import { findTask } from "../../../eval/tasks/mod.ts";
import { resultOf } from "../../../eval/tasks/evaluate.ts";
import { capitalize, codePoints, splitTrailingSpace, strip } from "../../../eval/tasks/python_text.ts";
import { UsageError } from "../../../engine/mod.ts";
import { throwsWith } from "../../support/errors.ts";

const itemOf = (task: string, row: unknown) => findTask(task).itemOf(row);

Deno.test("arc_easy: the question, then each choice", () => {
  const item = itemOf("arc_easy", {
    question: "Why?",
    choices: { text: ["so", "because"], label: ["1", "2"] },
    answerKey: "2",
  });
  const context = "Question: Why?\nAnswer:";
  assert.deepEqual(item, {
    requests: [{ context, continuation: " so" }, { context, continuation: " because" }],
    gold: 1,
    target: 1,
  });
});

Deno.test("piqa: the goal, then both ways", () => {
  const context = "Question: Sit\nAnswer:";
  assert.deepEqual(itemOf("piqa", { goal: "Sit", sol1: "down", sol2: "up", label: 0 }), {
    requests: [{ context, continuation: " down" }, { context, continuation: " up" }],
    gold: 0,
    target: 0,
  });
});

Deno.test("winogrande: options stand in the context, the rest after the first gap is scored", () => {
  const row = { sentence: "Ann beat Bo as _ was  slow_.  ", option1: "Ann", option2: "Bo", answer: "2" };
  assert.deepEqual(itemOf("winogrande", row), {
    requests: [
      { context: "Ann beat Bo as Ann", continuation: " was  slow_." },
      { context: "Ann beat Bo as Bo", continuation: " was  slow_." },
    ],
    gold: 1,
    target: "was  slow_.",
  });
});

Deno.test("hellaswag: marks are taken out, the second part of the context is capitalized", () => {
  const row = {
    activity_label: "Baking",
    ctx_a: "[header] How to bake [title] Mix.  Wait.",
    ctx_b: "THE Cook",
    endings: ["  sings [step] loud.", "a    b", "c", "d"],
    label: "2",
  };
  const item = itemOf("hellaswag", row), query = "Baking: How to bake. Mix. Wait. The cook";
  assert.equal(item.requests[0]!.context, query);
  assert.deepEqual(item.requests.map(({ continuation }) => continuation), [
    " sings loud.",
    " a  b",
    " c",
    " d",
  ]);
  assert.deepEqual(item.derived, { query, choices: ["sings loud.", "a  b", "c", "d"], gold: 2 });
});

Deno.test("lambada_openai: the last word after a space; one word alone has an empty context", () => {
  assert.deepEqual(itemOf("lambada_openai", { text: "to  be\nor not" }), {
    requests: [{ context: "to  be\nor", continuation: " not" }],
    target: " not",
  });
  assert.deepEqual(itemOf("lambada_openai", { text: "be" }).requests, [{ context: "", continuation: " be" }]);
});

Deno.test("text is Python's: white space, case, length", () => {
  assert.equal(strip("\x1c\x85 a\u3000b \ufeff\u2003"), "a\u3000b \ufeff");
  assert.deepEqual(splitTrailingSpace("a \n\xa0"), ["a", " \n\xa0"]);
  assert.deepEqual(["ÉCLAIR", "ﬁN", "2ND", "ΣΑΣ"].map(capitalize), ["Éclair", "Fin", "2nd", "Σας"]);
  assert.equal(codePoints("👩‍🔬é"), 4);
});

Deno.test("ties go to the first, and lengths are code points without the space", () => {
  const task = findTask("piqa"), likelihood = (logLikelihood: number) => ({ logLikelihood, isGreedy: false });
  const rows = [
    { goal: "", sol1: "👩‍🔬", sol2: "12345", label: 0 }, // 3 code points, 11 bytes
    { goal: "", sol1: "a", sol2: "b", label: 0 },
  ].map((document) => ({ document, item: task.itemOf(document), place: "" }));
  const result = resultOf(task, rows, [[likelihood(-3.1), likelihood(-4)], [likelihood(-2), likelihood(-2)]]);
  assert.deepEqual(result.items, { acc: [1, 1], acc_norm: [0, 1] });
  assert.deepEqual(result.metrics.acc, { value: 1, stderr: 0 });
  assert.deepEqual(result.metrics.acc_norm, { value: 0.5, stderr: 0.5 });
  const one = resultOf(task, rows.slice(0, 1), [[likelihood(-1), likelihood(-2)]]);
  assert.deepEqual(one.metrics.acc, { value: 1, stderr: null });
});

Deno.test("an unknown task: the list, and the nearest", () => {
  const list = "there are arc_easy, winogrande, hellaswag, lambada_openai, piqa";
  throwsWith(
    () => findTask("hellaswga"),
    UsageError,
    `Unknown task "hellaswga": ${list}; did you mean "hellaswag"?`,
  );
  throwsWith(
    () => findTask("mmlu_pro_x"),
    UsageError,
    `Unknown task "mmlu_pro_x": ${list}; give one of these`,
  );
});
