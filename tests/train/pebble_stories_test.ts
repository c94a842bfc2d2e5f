import assert from "node:assert/strict";
import { pebbleDocuments, pebbleSplit } from "../../train/data/pebble/mod.ts";
import { createRandom } from "../../train/data/pebble/random.ts";
import { counting, tracking } from "../../train/data/pebble/stories.ts";
import { interleaved, stepsOf } from "../../train/data/pebble/wikihow.ts";
import { PEOPLE, PROCEDURES } from "../../train/data/pebble/words.ts";
import { followStory } from "./data/pebble/follow_story.ts";

Deno.test("Stories: a simulator of its own agrees with every claim of 4,000 documents", () => {
  let claims = 0;
  for (const { text } of pebbleDocuments({ ...pebbleSplit("pretrain"), subset: "stories", count: 4000 })) {
    for (const story of text.split("\n")) claims += followStory(story);
  }
  assert.ok(claims > 8000, `${claims}`);
});

Deno.test("Stories end in a word of every kind, and that word is right", () => {
  const kinds = new Map<string, number>();
  for (let i = 0; i < 1000; i++) {
    const { context, answer, kind } = i % 5 === 0
      ? counting(createRandom(9, i), "taught")
      : tracking(createRandom(9, i));
    followStory(`${context} ${answer}.`);
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  for (const kind of ["holder", "left", "person", "carried", "color", "count"]) {
    assert.ok(kinds.get(kind)! > 60, `${kind} ${kinds.get(kind)}`);
  }
});

Deno.test("Interleaved work: each person takes the steps of one procedure in order, from the first", () => {
  for (let i = 0; i < 1000; i++) {
    const { text, works } = interleaved(createRandom(10, i));
    for (const { person, procedure, item, done } of works) {
      const told = [...text.matchAll(new RegExp(`${person} must (.*?)\\.`, "g"))].map(([, step]) => step);
      assert.deepEqual(told, stepsOf(procedure, item).slice(0, done), text);
    }
  }
  const steps = PROCEDURES.flatMap(({ steps }) => steps);
  assert.equal(new Set(steps).size, steps.length);
});

Deno.test("Stories come in three grades: one, two and three people", () => {
  const grades = new Map<number, number>();
  for (let i = 0; i < 1000; i++) {
    const words = new Set(tracking(createRandom(11, i)).context.match(/\w+/g));
    const people = PEOPLE.filter((person) => words.has(person)).length;
    grades.set(people, (grades.get(people) ?? 0) + 1);
  }
  assert.deepEqual([...grades.keys()].sort(), [1, 2, 3]);
  assert.ok(grades.get(1)! > 200 && grades.get(2)! > 400 && grades.get(3)! > 200, `${[...grades]}`);
});
