/**
 * Accuracy on each kind of item of Pebble's task sets, from what `evaluate --log-samples FOLDER` wrote of one model.
 *
 *     ./lapidary evaluate --model pebble --tasks arc_easy,winogrande,lambada_openai --task-data pebble --log-samples FOLDER
 *     deno run --allow-read tests/train/pebble_kinds.ts FOLDER
 */
import { join } from "node:path";
import { RELATIONS } from "../../train/data/pebble/facts.ts";
import { fill } from "../../train/data/pebble/grammar.ts";
import { PEOPLE } from "../../train/data/pebble/words.ts";

interface Sample {
  doc: { text?: string; sentence?: string; question?: string };
  acc: number;
}

/** The last sentence of a story says what is asked. */
const LAST_WORDS: readonly [RegExp, string][] = [
  [/The color of the \w+ was$/, "color"],
  [/the number of \w+ that \w+ had was$/, "count"],
  [/Now the \w+ was with$/, "holder"],
  [/Now the \w+ was in the$/, "place of a thing"],
  [/Now \w+ was in the$/, "place of a person"],
];
const hops = new Map(
  RELATIONS.flatMap(({ values, ask, hops }) =>
    ask ? [...values.keys()].map((k): [string, number] => [fill(ask.question, { k }), hops]) : []
  ),
);

const kindOf: Record<string, (doc: Sample["doc"]) => string> = {
  arc_easy: ({ question }) => hops.get(question!) === 1 ? "one hop" : "two hops",
  winogrande: ({ sentence }) =>
    /nimal that/.test(sentence!) ? "speed by sound" : /race|overtakes/.test(sentence!) ? "speed" : "size",
  lambada_openai: ({ text }) => {
    const told = text!.slice(0, text!.lastIndexOf(" ")), words = new Set(told.match(/\w+/g));
    const kind = LAST_WORDS.find(([pattern]) => pattern.test(told))![1];
    const people = PEOPLE.filter((person) => words.has(person)).length;
    return `${kind}, ${people} ${people === 1 ? "person" : "people"}`;
  },
};

const folder = Deno.args[0]!, files = [...Deno.readDirSync(folder)].map(({ name }) => name);
for (const [task, kind] of Object.entries(kindOf)) {
  const name = files.find((file) => file.endsWith(`.${task}.samples.jsonl`));
  if (!name) continue;
  const samples: Sample[] = Deno.readTextFileSync(join(folder, name)).trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  const groups = Map.groupBy(samples, ({ doc }) => kind(doc));
  for (const [kindName, group] of [...groups].sort()) {
    const right = group.reduce((sum, { acc }) => sum + acc, 0);
    console.log(`${task}, ${kindName}: ${(100 * right / group.length).toFixed(1)} % of ${group.length}`);
  }
}
