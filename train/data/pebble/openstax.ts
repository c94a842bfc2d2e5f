import { KEYS, type Relation, RELATIONS } from "./facts.ts";
import { fill } from "./grammar.ts";
import { heldOut } from "./held_out.ts";
import type { Random } from "./random.ts";
import { zipf } from "./world.ts";

const ONE_HOP = RELATIONS.filter((relation) => relation.hops === 1);
const TWO_HOPS = RELATIONS.filter((relation) => relation.hops === 2);
const chooseKey = Object.fromEntries(
  Object.entries(KEYS).map(([kind, keys]) => [kind, zipf(kind, keys, 1.1)]),
) as Record<Relation["keyKind"], (random: Random) => string>;

/** One fact as a sentence. */
export function statement(random: Random): string {
  const { relation, words } = chooseFact(random);
  return fill(random.pick(relation.statements), words);
}

/** One fact as the two lines of a question and its answer, in the form that reading tests use. */
function questionAndAnswer(random: Random): string {
  while (true) {
    const { relation, words } = chooseFact(random);
    if (!relation.ask || heldOut("question", relation.name, words.k)) continue;
    return `Question: ${fill(relation.ask.question, words)}\nAnswer: ${fill(relation.ask.answer, words)}`;
  }
}

/** A page of a schoolbook: a few facts, then one or two questions. */
export function openstax(random: Random): string {
  const facts = Array.from({ length: random.int(3, 5) }, () => statement(random)).join(" ");
  const questions = Array.from({ length: random.int(1, 2) }, () => questionAndAnswer(random));
  return random.chance(0.5) ? [facts, ...questions].join("\n") : [...questions, facts].join("\n");
}

function chooseFact(random: Random): { relation: Relation; words: { k: string; v: string } } {
  const relation = random.pick(random.chance(0.45) ? TWO_HOPS : ONE_HOP);
  const key = chooseKey[relation.keyKind](random);
  return { relation, words: { k: key, v: relation.values.get(key)! } };
}
