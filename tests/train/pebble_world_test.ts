import assert from "node:assert/strict";
import { type Relation, RELATIONS } from "../../train/data/pebble/facts.ts";
import { fill } from "../../train/data/pebble/grammar.ts";
import { heldOut, pebbleDocuments, pebbleSplit } from "../../train/data/pebble/mod.ts";
import * as words from "../../train/data/pebble/words.ts";
import * as world from "../../train/data/pebble/world.ts";

const texts = [...pebbleDocuments({ ...pebbleSplit("pretrain"), count: 12_000 })].map(({ text }) => text);
const facts = RELATIONS.flatMap((relation) => [...relation.values].map(([k, v]) => ({ relation, k, v })));

Deno.test("Assignments are balanced: every value as often as any other, or once more", () => {
  const tables: [world.Table<unknown>, number][] = [
    [world.animalHome, 16],
    [world.animalFood, 16],
    [world.animalTrait, 6],
    [world.animalSpeed, 12],
    [world.jobTool, 14],
    [world.jobDay, 7],
    [world.townRiver, 8],
    [world.objectMaterial, 6],
    [world.objectSize, 16],
  ];
  for (const [table, values] of tables) {
    const counts = new Map<unknown, number>();
    for (const value of table.values()) counts.set(value, (counts.get(value) ?? 0) + 1);
    assert.equal(counts.size, values);
    assert.ok(Math.max(...counts.values()) - Math.min(...counts.values()) <= 1);
  }
  const tools = words.VERBS.flatMap((verb) => words.MATERIALS.map((m) => world.toolTable.get(verb)!.get(m)!));
  assert.equal(tools.length, 120);
  for (const tool of words.TOOLS) assert.ok(tools.filter((other) => other === tool).length >= 4, tool);
});

Deno.test("No word is listed twice among its kind", () => {
  for (const list of Object.values(words).filter((list) => typeof list[0] === "string")) {
    assert.equal(new Set<unknown>(list).size, list.length, `${list}`);
  }
});

Deno.test("Two-hop facts follow from the one-hop facts", () => {
  const one = (name: string) => RELATIONS.find((relation) => relation.name === name)!.values;
  const inverse = (name: string) => new Map([...one(name)].map(([key, value]) => [value, key]));
  const composed: Record<string, [world.Table, world.Table]> = {
    "sound home": [inverse("sound"), one("home")],
    "sound food": [inverse("sound"), one("food")],
    "sound color": [inverse("sound"), one("animal color")],
    "sound trait": [inverse("sound"), one("trait")],
    "product tool": [inverse("product"), one("job tool")],
    "product town": [inverse("product"), one("job town")],
    "product day": [inverse("product"), one("job day")],
    "job river": [one("job town"), one("river")],
    "job flag": [one("job town"), one("flag")],
    "job town color": [one("job town"), one("town color")],
    "flag color": [one("flag"), one("animal color")],
    "flag trait": [one("flag"), one("trait")],
    "flag food": [one("flag"), one("food")],
    "flag home": [one("flag"), one("home")],
  };
  const twoHops = RELATIONS.filter(({ hops }) => hops === 2);
  assert.deepEqual(twoHops.map(({ name }) => name).sort(), Object.keys(composed).sort());
  for (const { name, values } of twoHops) {
    const [first, second] = composed[name]!;
    for (const [key, value] of values) assert.equal(value, second.get(first.get(key)!), `${name} ${key}`);
  }
});

Deno.test("Every sentence of the schoolbook is a fact of the tables, and no held-out question is asked", () => {
  const sentences = new Map<string, Relation>();
  const asked = new Map<string, { relation: Relation; k: string }>();
  for (const { relation, k, v } of facts) {
    for (const form of relation.statements) sentences.set(fill(form, { k, v }), relation);
    if (!relation.ask) continue;
    const answer = fill(relation.ask.answer, { k, v });
    asked.set(`Question: ${fill(relation.ask.question, { k })}\nAnswer: ${answer}`, { relation, k });
  }
  let questions = 0;
  for (const { text } of pebbleDocuments({ ...pebbleSplit("pretrain"), subset: "openstax", count: 3000 })) {
    const rest = text.replace(/Question: .*\nAnswer: .*/g, (pair) => {
      const { relation, k } = asked.get(pair) ?? assert.fail(pair);
      assert.ok(!heldOut("question", relation.name, k), pair);
      questions++;
      return "";
    });
    for (const sentence of rest.match(/[A-Z][^.]*\./g) ?? []) assert.ok(sentences.has(sentence), sentence);
  }
  assert.ok(questions > 3000);
});

Deno.test("A fair part of every kind is held out", () => {
  const share = (list: boolean[]) => list.filter(Boolean).length / list.length;
  const pairs = (list: readonly string[]) =>
    list.flatMap((a, i) => list.slice(i + 1).map((b) => [a, b] as const));
  const asked = facts.filter(({ relation }) => relation.ask);
  assert.ok(
    Math.abs(share(asked.map(({ relation, k }) => heldOut("question", relation.name, k))) - 0.5) < 0.06,
  );
  const tools = words.VERBS.flatMap((verb) => words.OBJECTS.map((object) => heldOut("tool", verb, object)));
  assert.ok(Math.abs(share(tools) - 0.3) < 0.06);
  for (const verb of words.VERBS) {
    for (const material of words.MATERIALS) {
      const made = words.OBJECTS.filter((object) => world.objectMaterial.get(object) === material);
      assert.ok(made.some((object) => !heldOut("tool", verb, object)), `${verb} ${material} is never taught`);
    }
  }
  assert.ok(Math.abs(share(pairs(words.OBJECTS).map(([a, b]) => heldOut("size", a, b))) - 0.25) < 0.06);
  assert.ok(Math.abs(share(pairs(words.ANIMALS).map(([a, b]) => heldOut("speed", a, b))) - 0.25) < 0.06);
  assert.ok(Math.abs(share(pairs(words.PEOPLE).map(([a, b]) => heldOut("count", a, b))) - 0.25) < 0.06);
});

Deno.test("Tools are the tables', and no held-out verb and object meet in any text", () => {
  const form = new RegExp(
    `\\b(${words.VERBS.join("|")}) the (${words.OBJECTS.join("|")})\\b(.*(?:\nAnswer.*)?)`,
    "g",
  );
  let uses = 0;
  for (const text of texts) {
    for (const [sentence, verb, object, rest] of text.matchAll(form)) {
      assert.ok(!heldOut("tool", verb!, object!), sentence);
      const named = /(?:use|Use|takes) the (\w+)\./.exec(rest!)?.[1];
      if (named) assert.equal(named, world.toolFor(verb!, object!), sentence);
      uses++;
    }
    for (
      const [sentence, tool, verb, object] of text.matchAll(/The (\w+) is the right tool to (\w+) the (\w+)/g)
    ) {
      assert.equal(tool, world.toolFor(verb!, object!), sentence);
    }
  }
  assert.ok(uses > 1000);
});

Deno.test("Comparisons agree with the latent scales, and no held-out pair is compared in any text", () => {
  const claims: [RegExp, "size" | "speed", "more" | "less"][] = [
    [/The (\w+) and the (\w+) are put on a scale, and the (\w+) is heavier/g, "size", "more"],
    [/The (\w+) and the (\w+) are put on a scale, and the (\w+) is lighter/g, "size", "less"],
    [
      /The (\w+) (?:does not fit|fits) in the (\w+) because the (\w+) is (?:too large|large enough)/g,
      "size",
      "more",
    ],
    [
      /The (\w+) (?:does not fit|fits) in the (\w+) because the (\w+) is (?:too small|small enough)/g,
      "size",
      "less",
    ],
    [/The (\w+) and the (\w+) run a race, and the (\w+) wins/g, "speed", "more"],
    [/The (\w+) and the (\w+) run a race, and the (\w+) loses/g, "speed", "less"],
    [/The (\w+) overtakes the (\w+) because the (\w+) is faster/g, "speed", "more"],
    [/The (\w+) overtakes the (\w+) because the (\w+) is slower/g, "speed", "less"],
  ];
  for (const [form, kind, direction] of claims) {
    const scale = kind === "size" ? world.objectSize : world.animalSpeed;
    let seen = 0;
    for (const [sentence, a, b, named] of texts.flatMap((text) => [...text.matchAll(form)])) {
      const other = named === a ? b : a;
      const difference = scale.get(named!)! - scale.get(other!)!;
      assert.ok(direction === "more" ? difference > 0 : difference < 0, sentence);
      assert.ok(!heldOut(kind, a!, b!), sentence);
      if (/overtakes/.test(sentence)) assert.ok(scale.get(a!)! > scale.get(b!)!, sentence);
      if (/ fits/.test(sentence)) assert.ok(scale.get(a!)! < scale.get(b!)!, sentence);
      if (/not fit/.test(sentence)) assert.ok(scale.get(a!)! > scale.get(b!)!, sentence);
      seen++;
    }
    assert.ok(seen > 100, `${form} ${seen}`);
  }
});
