/** Prints the figures of `train/data/pebble/README.md`: `deno run --allow-read tests/train/pebble_statistics.ts`. */
import { join } from "node:path";
import { loadTokenizer } from "../../model/tokenizer/mod.ts";
import { RELATIONS } from "../../train/data/pebble/facts.ts";
import { fill } from "../../train/data/pebble/grammar.ts";
import {
  cacheWords,
  packedRows,
  pebbleDocuments,
  pebbleSplit,
  type PebbleSubset,
  pebbleTasks,
  TOKEN_SHARES,
} from "../../train/data/pebble/mod.ts";
import { COLORS, MATERIALS, NUMBERS, OBJECTS, PEOPLE, PLACES, VERBS } from "../../train/data/pebble/words.ts";
import { objectMaterial } from "../../train/data/pebble/world.ts";

const TOKENS = 6_000_000;
const tokenizer = await loadTokenizer(join(import.meta.dirname!, "../../train/data/pebble/files"));
const encode = (text: string) => tokenizer.encode(text, { special: false });
const cached = cacheWords(encode);

/** Five points of a distribution. */
function spread(values: Iterable<number>): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))];
  return `least ${at(0)}, 5 % ${at(0.05)}, median ${at(0.5)}, 95 % ${at(0.95)}, most ${at(1)}`;
}

/** How often each key occurred, those that never did included. */
function tally(keys: Iterable<string>): { add(key: string): void; counts: Map<string, number> } {
  const counts = new Map([...keys].map((key) => [key, 0]));
  return { counts, add: (key) => counts.set(key, counts.get(key)! + 1) };
}

const factOf = new Map<string, string>();
for (const { name, values, statements, ask } of RELATIONS) {
  for (const [k, v] of values) {
    const sentences = [...statements, ...(ask ? [`Question: ${ask.question}`] : [])];
    for (const sentence of sentences) factOf.set(fill(sentence, { k, v }), `${name} ${k}`);
  }
}
const facts = tally(factOf.values());
const cells = tally(VERBS.flatMap((verb) => MATERIALS.map((material) => `${verb} ${material}`)));
const job = new RegExp(`\\b(${VERBS.join("|")}) the (${OBJECTS.join("|")})\\b`, "g");

const lengths: Record<PebbleSubset, number[]> = {
  stories: [],
  wikihow: [],
  openstax: [],
  web_samples_v1: [],
};
const texts = new Set<string>();
let total = 0;
for (const { subset, text } of pebbleDocuments(pebbleSplit("pretrain"))) {
  const length = cached(text).length + 2;
  lengths[subset].push(length);
  texts.add(text);
  for (const sentence of text.split(/(?<=[.?])\s/)) {
    const fact = factOf.get(sentence);
    if (fact !== undefined) facts.add(fact);
  }
  for (const [, verb, object] of text.matchAll(job)) cells.add(`${verb} ${objectMaterial.get(object!)}`);
  total += length;
  if (total >= TOKENS) break;
}

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
const documents = sum(Object.values(lengths).map((list) => list.length));
console.log(`pretraining stream: ${total} tokens, ${documents} documents, ${texts.size} different`);
for (const subset of Object.keys(TOKEN_SHARES) as PebbleSubset[]) {
  const share = (sum(lengths[subset]) / total).toFixed(3);
  const mean = (sum(lengths[subset]) / lengths[subset].length).toFixed(1);
  console.log(`${subset}: share ${share}, tokens a document: mean ${mean}, ${spread(lengths[subset])}`);
}
console.log(`times each of ${facts.counts.size} facts is told or asked: ${spread(facts.counts.values())}`);
console.log(`times each of ${cells.counts.size} tool cells is used: ${spread(cells.counts.values())}`);

const start = performance.now();
const rows = [...packedRows({ split: "pretrain", length: 129, count: 20_000, encode })];
const seconds = (performance.now() - start) / 1000;
const used = new Set(rows.flatMap((row) => [...row]));
console.log(`ids used: ${used.size} of ${tokenizer.vocabSize}`);
console.log(
  `whole documents in a row of 129: ${
    (sum(rows.map((row) => row.filter((id) => id === 1).length)) / rows.length).toFixed(2)
  }`,
);
console.log(
  `generated, tokenised and packed: ${Math.round(rows.length * 129 / seconds / 1000)} thousand tokens/s`,
);

const different = (texts: readonly string[]) => new Set(texts).size;
const tasks = pebbleTasks();
console.log(
  `different questions of arc_easy: ${different(tasks.arc_easy.map(({ question }) => question))}, ` +
    `goals of piqa: ${different(tasks.piqa.map(({ goal }) => goal))}, ` +
    `sentences of winogrande: ${different(tasks.winogrande.map(({ sentence }) => sentence))}`,
);

/** What one says who knows only which kind of word must follow: the last one told, or the one told most often. */
const guesses = tasks.lambada_openai.map(({ text }) => {
  const answer = text.slice(text.lastIndexOf(" ") + 1);
  const kind = [PEOPLE, PLACES, COLORS, NUMBERS].find((words) => words.includes(answer))!;
  const told = text.slice(0, text.lastIndexOf(". ")).match(new RegExp(`\\b(${kind.join("|")})\\b`, "g"))!;
  const times = Map.groupBy(told, (word) => word);
  const most = [...times].reduce((best, each) => each[1].length > best[1].length ? each : best)[0];
  return { last: told.at(-1) === answer, most: most === answer };
});
const share = (which: "last" | "most") =>
  (guesses.filter((guess) => guess[which]).length / guesses.length).toFixed(3);
console.log(
  `lambada_openai by the last word of the right kind: ${share("last")}, by the most frequent: ${
    share("most")
  }`,
);
