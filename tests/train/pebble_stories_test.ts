import assert from "node:assert/strict";
import { heldOut, pebbleDocuments, pebbleSplit } from "../../train/data/pebble/mod.ts";
import { createRandom } from "../../train/data/pebble/random.ts";
import { counting, tracking } from "../../train/data/pebble/stories.ts";
import { interleaved, stepsOf } from "../../train/data/pebble/wikihow.ts";
import { PROCEDURES } from "../../train/data/pebble/words.ts";
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

/** Who stands above and below all others. */
function ends(people: readonly string[], reach: (upper: string, lower: string) => boolean): [string, string] {
  const others = (one: string) => people.filter((person) => person !== one);
  const first = people.find((person) => others(person).every((other) => reach(person, other)));
  const last = people.find((person) => others(person).every((other) => reach(other, person)));
  return [first!, last!];
}

Deno.test("Orders: every conclusion follows from the premises by transitivity, and no held-out pair is at the ends", () => {
  const raising = ["older", "richer", "taller"];
  let conclusions = 0;
  for (
    const { text } of pebbleDocuments({ ...pebbleSplit("pretrain"), subset: "web_samples_v1", count: 3000 })
  ) {
    for (const passage of text.match(/(We know|They say) that .*?(?=(We know|They say) that|\n|$)/g) ?? []) {
      const [premises, ...claims] = passage.trim().replace(/\.$/, "").split(". So ");
      const above = new Map<string, Set<string>>();
      const over = (upper: string, lower: string) =>
        above.set(upper, (above.get(upper) ?? new Set()).add(lower));
      for (const [, a, adjective, b] of premises!.matchAll(/(\w+) is (\w+) than (\w+)/g)) {
        raising.includes(adjective!) ? over(a!, b!) : over(b!, a!);
      }
      const reach = (upper: string, lower: string): boolean =>
        [...(above.get(upper) ?? [])].some((next) => next === lower || reach(next, lower));
      const people = [...new Set(premises!.match(/\w+(?= is)|(?<=than )\w+/g))];
      for (const claim of claims) {
        conclusions++;
        const pair = /^(\w+) is (\w+) than (\w+)$/.exec(claim);
        const [, name = "", rank = ""] = /^(\w+) is (?:the|in the) (\w+)$/.exec(claim) ?? pair ??
          assert.fail(claim);
        const others = people.filter((person) => person !== name);
        if (pair) assert.ok(raising.includes(rank) ? reach(name, pair[3]!) : reach(pair[3]!, name), passage);
        else if (rank === "middle") {
          assert.ok(others.some((o) => reach(name, o)) && others.some((o) => reach(o, name)));
        } else if (/^(old|rich|tall)/.test(rank)) {
          assert.ok(others.every((o) => reach(name, o)), passage);
        } else assert.ok(others.every((o) => reach(o, name)), passage);
        if (!pair && rank !== "middle") {
          assert.ok(rank.endsWith(people.length === 2 ? "er" : "est"), passage);
        }
        const [first, last] = ends(people, reach);
        assert.ok(!heldOut("order", first, last), passage);
      }
    }
  }
  assert.ok(conclusions > 3000, `${conclusions}`);
});
