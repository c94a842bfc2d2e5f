import assert from "node:assert/strict";
import { RELATIONS } from "../../../../train/data/pebble/facts.ts";
import { fill } from "../../../../train/data/pebble/grammar.ts";
import {
  pebbleDocuments,
  pebbleSplit,
  type PebbleTasks,
  pebbleTasks,
} from "../../../../train/data/pebble/mod.ts";
import { stepsOf } from "../../../../train/data/pebble/wikihow.ts";
import { ITEMS, OBJECTS, PROCEDURES, VERBS } from "../../../../train/data/pebble/words.ts";
import { animalSpeed, objectSize, toolFor } from "../../../../train/data/pebble/world.ts";
import { followStory } from "./follow_story.ts";
import { overlapWith } from "./overlap.ts";

/** More than the documents that the shipped teacher read, and all that healing may draw. */
const CORPUS = { pretrain: 120_000, heal: 5_000 } as const;

const tasks = pebbleTasks();

/** Each item as a text in which the right answer stands, the way training text would say it. */
function fullTexts({ arc_easy, winogrande, hellaswag, lambada_openai, piqa }: PebbleTasks): string[] {
  return [
    ...arc_easy.map(({ question, choices, answerKey }) =>
      `Question: ${question}\nAnswer: ${choices.text[choices.label.indexOf(answerKey)]}`
    ),
    ...winogrande.map((row) => row.sentence.replace("_", row.answer === "1" ? row.option1 : row.option2)),
    ...hellaswag.map(({ activity_label, ctx, endings, label }) =>
      `${activity_label}: ${ctx} ${endings[Number(label)]}`
    ),
    ...lambada_openai.map(({ text }) => text),
    ...piqa.map(({ goal, sol1, sol2, label }) => `Question: ${goal}\nAnswer: ${label === 0 ? sol1 : sol2}`),
  ];
}

Deno.test("Task sets: 1,000 different rows each, in the columns of the public sets, the same every time", () => {
  const columns = {
    arc_easy: ["id", "question", "choices", "answerKey"],
    winogrande: ["sentence", "option1", "option2", "answer"],
    hellaswag: ["ind", "activity_label", "ctx_a", "ctx_b", "ctx", "endings", "label"],
    lambada_openai: ["text"],
    piqa: ["goal", "sol1", "sol2", "label"],
  };
  assert.deepEqual(pebbleTasks(), tasks);
  assert.deepEqual(Object.keys(tasks), Object.keys(columns));
  const other = pebbleTasks(3);
  for (const [task, names] of Object.entries(columns) as [keyof PebbleTasks, string[]][]) {
    assert.equal(tasks[task].length, 1000);
    for (const row of tasks[task]) assert.deepEqual(Object.keys(row), names);
    assert.notDeepEqual(other[task], tasks[task]);
  }
  const texts = fullTexts(tasks);
  // Questions and goals come again with other wrong answers.
  assert.ok(new Set(texts).size > 3200, `${new Set(texts).size}`);
});

Deno.test("Task sets: the right answer is at every place about equally often", () => {
  const places: [string, readonly (string | number)[], number][] = [
    ["arc_easy", tasks.arc_easy.map(({ answerKey }) => answerKey), 4],
    ["winogrande", tasks.winogrande.map(({ answer }) => answer), 2],
    ["hellaswag", tasks.hellaswag.map(({ label }) => label), 4],
    ["piqa", tasks.piqa.map(({ label }) => label), 2],
  ];
  for (const [task, answers, choices] of places) {
    assert.equal(new Set(answers).size, choices, task);
    for (const place of new Set(answers)) {
      const share = answers.filter((other) => other === place).length / answers.length;
      assert.ok(Math.abs(share - 1 / choices) < 0.05, `${task} ${place} ${share}`);
    }
  }
});

Deno.test("arc_easy: of four different answers the world's tables agree with the right one alone", () => {
  const truth = new Map(
    RELATIONS.flatMap(({ values, ask }) =>
      [...values].flatMap(([k, v]): [string, string][] =>
        ask ? [[fill(ask.question, { k }), fill(ask.answer, { v })]] : []
      )
    ),
  );
  for (const { question, choices, answerKey } of tasks.arc_easy) {
    assert.equal(new Set(choices.text).size, 4);
    assert.deepEqual(choices.label, ["A", "B", "C", "D"]);
    assert.equal(choices.text.indexOf(truth.get(question)!), choices.label.indexOf(answerKey), question);
  }
});

Deno.test("piqa: one tool of two is the world's own", () => {
  const goals = new Map(
    VERBS.flatMap((verb) =>
      OBJECTS.map((object): [string, string] => [
        `How do you ${verb} the ${object}?`,
        `Use the ${toolFor(verb, object)}.`,
      ])
    ),
  );
  for (const { goal, sol1, sol2, label } of tasks.piqa) {
    assert.notEqual(sol1, sol2);
    assert.equal([sol1, sol2].indexOf(goals.get(goal)!), label, goal);
  }
});

Deno.test("winogrande: the latent scales, or the order that is told, decide for one option", () => {
  const more = /_ (is heavier|is too large|is large enough|wins|is faster)\.$/;
  let orders = 0, pairs = 0;
  for (const { sentence, option1, option2, answer } of tasks.winogrande) {
    assert.ok([option1, option2].every((option) => sentence.includes(option.replace("the ", ""))), sentence);
    assert.notEqual(option1, option2);
    if (/ than /.test(sentence)) {
      orders++;
      if (sentence.split(" than ").length === 2) pairs++;
      const rank = rankOf(sentence);
      assert.deepEqual(
        [option1, option2].map((option) => rank(option)),
        answer === "1" ? [true, false] : [false, true],
      );
      continue;
    }
    const [first, second] = [option1, option2].map((option) => {
      const thing = option.replace("the ", "");
      return objectSize.get(thing) ?? animalSpeed.get(thing)!;
    }) as [number, number];
    assert.notEqual(first, second, sentence);
    assert.equal(answer, (first > second) === more.test(sentence) ? "1" : "2", sentence);
  }
  assert.ok(Math.abs(orders / tasks.winogrande.length - 0.5) < 0.02, `${orders}`);
  assert.ok(Math.abs(pairs / tasks.winogrande.length - 0.25) < 0.02, `${pairs}`);
});

/** Whether a person is who an order of two or three asks for: how many of the others are below them decides. */
function rankOf(sentence: string): (person: string) => boolean {
  const pairs = [...sentence.matchAll(/(\w+) is (older|richer|taller|younger|poorer|shorter) than (\w+)/g)]
    .map(([, a, adjective, b]) =>
      /older|richer|taller/.test(adjective!) ? [a!, b!] as const : [b!, a!] as const
    );
  assert.ok(pairs.length === 1 || pairs.length === 2, sentence);
  const below = (person: string): number =>
    pairs.filter(([upper]) => upper === person).reduce((sum, [, lower]) => sum + 1 + below(lower), 0);
  const wanted = /_ is in the middle/.test(sentence)
    ? 1
    : /_ is the (old|rich|tall)/.test(sentence)
    ? pairs.length
    : 0;
  return (person) => below(person) === wanted;
}

Deno.test("hellaswag: the right ending is the person's next step, and no other ending is", () => {
  const goals = new Map(
    PROCEDURES.flatMap((procedure) =>
      ITEMS.map((item): [string, string[]] => [
        fill(procedure.goal, { x: item }),
        stepsOf(procedure, item),
      ])
    ),
  );
  for (const { ctx, ctx_a, ctx_b, endings, label } of tasks.hellaswag) {
    assert.equal(ctx, `${ctx_a} ${ctx_b}`);
    const person = ctx_b.split(" ")[0]!;
    const steps = goals.get(new RegExp(`${person} wants to (.*?)\\.`).exec(ctx)![1]!)!;
    const done = ctx.match(new RegExp(`${person} must \\w`, "g"))?.length ?? 0;
    assert.equal(new Set(endings).size, 4, ctx);
    assert.equal(endings.indexOf(`${steps[done]}.`), Number(label), ctx);
  }
});

Deno.test("lambada_openai: a simulator of its own finds every last word true", () => {
  for (const { text } of tasks.lambada_openai) {
    assert.match(text, /[a-zA-Z]$/);
    followStory(`${text}.`);
  }
});

Deno.test("Task sets: no item stands in the text that teachers or students train on", () => {
  const overlap = overlapWith(fullTexts(tasks));
  for (const [split, count] of Object.entries(CORPUS) as [keyof typeof CORPUS, number][]) {
    for (const { text } of pebbleDocuments({ ...pebbleSplit(split), count })) {
      assert.deepEqual(overlap.found(text), []);
    }
  }
});

Deno.test("Overlap is found inside a document, at its end, and not where one word differs", () => {
  const { found } = overlapWith(["The ball fits. So it is", "A dog barks."]);
  assert.deepEqual(found("Once. The ball fits. So it is here. A dog barks."), [
    "The ball fits. So it is",
    "A dog barks.",
  ]);
  assert.deepEqual(found("The ball fits. So he is. A dog barked."), []);
});
