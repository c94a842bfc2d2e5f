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
import { animalSound, animalSpeed, objectSize, toolFor } from "../../../../train/data/pebble/world.ts";
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

Deno.test("winogrande: the latent scales decide for one option, a third of the time by way of a sound", () => {
  const more = /_ (is heavier|is too large|is large enough|wins|is faster)\.$/;
  const called = new Map<string, number>(animalSpeed);
  for (const [animal, sound] of animalSound) called.set(`animal that ${sound}`, animalSpeed.get(animal)!);
  const kinds = { size: 0, speed: 0, sound: 0 };
  for (const { sentence, option1, option2, answer } of tasks.winogrande) {
    const things = [option1, option2].map((option) => option.replace("the ", ""));
    assert.ok(things.every((thing) => sentence.includes(thing)), sentence);
    const [first, second] = things.map((thing) => objectSize.get(thing) ?? called.get(thing)!);
    assert.ok(first !== second && Math.abs(first! - second!) <= 3, sentence);
    assert.equal(answer, (first! > second!) === more.test(sentence) ? "1" : "2", sentence);
    kinds[objectSize.has(things[0]!) ? "size" : sentence.includes("nimal that") ? "sound" : "speed"]++;
  }
  assert.ok(Object.values(kinds).every((count) => Math.abs(count - 333) < 40), JSON.stringify(kinds));
});

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
