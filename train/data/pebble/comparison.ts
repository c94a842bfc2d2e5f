import { fill } from "./grammar.ts";
import { heldOut } from "./held_out.ts";
import type { Random } from "./random.ts";
import { ANIMALS, OBJECTS, PEOPLE } from "./words.ts";
import { animalSpeed, objectSize, zipf } from "./world.ts";

/**
 * A sentence in which one of two candidates fits: `before`, the right one, `after`. The candidates come with their
 * article where they have one.
 */
export interface Choice {
  before: string;
  right: string;
  wrong: string;
  after: string;
}

/** The sentence with the candidate that fits. */
export function choiceText({ before, right, after }: Choice): string {
  return `${before} ${right} ${after}`;
}

/** `{m}` has more of the quantity, `{l}` less; `{x}` and `{y}` are the two in random order; then which of them fits. */
type Form = readonly [before: string, right: "m" | "l", after: string];

const SIZE_FORMS: readonly Form[] = [
  ["The {x} and the {y} are put on a scale, and", "m", "is heavier."],
  ["The {x} and the {y} are put on a scale, and", "l", "is lighter."],
  ["The {m} does not fit in the {l} because", "m", "is too large."],
  ["The {m} does not fit in the {l} because", "l", "is too small."],
  ["The {l} fits in the {m} because", "m", "is large enough."],
  ["The {l} fits in the {m} because", "l", "is small enough."],
];
const SPEED_FORMS: readonly Form[] = [
  ["The {x} and the {y} run a race, and", "m", "wins."],
  ["The {x} and the {y} run a race, and", "l", "loses."],
  ["The {m} overtakes the {l} because", "m", "is faster."],
  ["The {m} overtakes the {l} because", "l", "is slower."],
];

/** The two latent scales: how often a thing is compared, where it stands, what is said. */
const SCALES = {
  size: { choose: zipf("compared object", OBJECTS, 0.8), levels: objectSize, forms: SIZE_FORMS },
  speed: { choose: zipf("compared animal", ANIMALS, 0.8), levels: animalSpeed, forms: SPEED_FORMS },
} as const;

/** Two things on a latent scale. The forms without a hint in the word order come more often; held-out pairs never. */
export function comparison(random: Random): Choice {
  const kind = random.chance(0.55) ? "size" : "speed";
  const { choose, levels, forms } = SCALES[kind];
  while (true) {
    const [x, y] = [choose(random), choose(random)];
    if (levels.get(x) === levels.get(y) || heldOut(kind, x, y)) continue;
    return compare(kind, x, y, random.pick(random.chance(0.4) ? forms.slice(0, 2) : forms));
  }
}

/** Every comparison that no text makes: held-out pairs in every form and order. */
export function heldOutComparisons(kind: "size" | "speed"): Choice[] {
  const { levels, forms } = SCALES[kind], things = [...levels.keys()];
  return things.flatMap((x) =>
    things.filter((y) => levels.get(x) !== levels.get(y) && heldOut(kind, x, y))
      .flatMap((y) => forms.map((form) => compare(kind, x, y, form)))
  );
}

function compare(kind: "size" | "speed", x: string, y: string, [before, right, after]: Form): Choice {
  const { levels } = SCALES[kind];
  const [m, l] = levels.get(x)! > levels.get(y)! ? [x, y] : [y, x];
  const [fits, other] = right === "m" ? [m, l] : [l, m];
  return { before: fill(before, { x, y, m, l }), right: `the ${fits}`, wrong: `the ${other}`, after };
}

const ADJECTIVES = [
  { more: "older", most: "oldest", less: "younger", least: "youngest" },
  { more: "richer", most: "richest", less: "poorer", least: "poorest" },
  { more: "taller", most: "tallest", less: "shorter", least: "shortest" },
] as const;

const OPENINGS = ["We know that", "They say that"] as const;

/** An order of three people, from the first, who has most of the quantity. */
interface Order {
  people: readonly [first: string, second: string, third: string];
  adjectives: (typeof ADJECTIVES)[number];
  /** What is told. */
  premises: string;
}

/** People of whom the first and the last are, or are not, a pair held out from training. */
function drawPeople<People extends readonly string[]>(
  random: Random,
  count: People["length"],
  ends: "taught" | "held out",
): People {
  while (true) {
    const people = random.sample(PEOPLE, count);
    if (heldOut("order", people[0]!, people.at(-1)!) === (ends === "held out")) {
      return people as readonly string[] as People;
    }
  }
}

/**
 * Three people, told pair by pair. A third of the time both pairs run the same way in one chain; else each may be turned
 * around and they come in any order. Whether the ends are a pair held out from training is `ends`.
 */
function drawOrder(random: Random, ends: "taught" | "held out"): Order {
  const adjectives = random.pick(ADJECTIVES), { more, less } = adjectives;
  const opening = random.pick(OPENINGS);
  const people = drawPeople<Order["people"]>(random, 3, ends);
  const above = (a: string, b: string) => `${a} is ${more} than ${b}`;
  const below = (a: string, b: string) => `${b} is ${less} than ${a}`;
  const chain = random.next();
  const pairs = [[people[0], people[1]], [people[1], people[2]]] as const;
  const told = chain < 0.17
    ? pairs.map(([a, b]) => above(a, b))
    : chain < 0.34
    ? pairs.map(([a, b]) => below(a, b)).reverse()
    : random.shuffle(pairs.map(([a, b]) => random.chance(0.5) ? above(a, b) : below(a, b)));
  return { people, adjectives, premises: `${opening} ${told.join(". ")}.` };
}

/** An order of two or three people and what follows from it. */
export function order(random: Random): string {
  if (random.chance(0.4)) return pair(random);
  const { people: [first, second, third], adjectives: { more, most, less, least }, premises } = drawOrder(
    random,
    "taught",
  );
  const ends = random.shuffle([`${first} is the ${most}`, `${third} is the ${least}`]);
  const conclusions = [
    ...random.sample(
      [
        `${first} is ${more} than ${third}`,
        `${third} is ${less} than ${first}`,
        `${second} is in the middle`,
      ],
      random.int(0, 2),
    ),
    ...ends,
  ];
  return `${premises} ${conclusions.map((text) => `So ${text}.`).join(" ")}`;
}

/** Two people: what is told, with who has more of the quantity and who less. */
function drawPair(random: Random, ends: "taught" | "held out") {
  const adjectives = random.pick(ADJECTIVES);
  const people = drawPeople<[string, string]>(random, 2, ends), [first, second] = people;
  const facts = random.shuffle([
    `${first} is ${adjectives.more} than ${second}`,
    `${second} is ${adjectives.less} than ${first}`,
  ]) as [string, string];
  return { people, adjectives, facts, opening: random.pick(OPENINGS) };
}

/** One pair told, then the same the other way around, who has more and who less, in any order. */
function pair(random: Random): string {
  const { people: [first, second], adjectives: { more, less }, facts: [told, turned], opening } = drawPair(
    random,
    "taught",
  );
  const conclusions = random.shuffle([turned, `${first} is the ${more}`, `${second} is the ${less}`]);
  return `${opening} ${told}. ${conclusions.map((text) => `So ${text}.`).join(" ")}`;
}

/** Who of two has more of a quantity, or less; a pair that training text never tells of. */
export function heldOutPair(random: Random): Choice {
  const { people, adjectives: { more, less }, facts: [told], opening } = drawPair(random, "held out");
  const place = random.int(0, 1);
  const after = `is the ${[more, less][place]}.`;
  return { before: `${opening} ${told}. So`, right: people[place]!, wrong: people[1 - place]!, after };
}

/** Who of two is an end of an order, or its middle; the ends are a pair that training text never shows as ends. */
export function heldOutOrder(random: Random): Choice {
  const { people, adjectives: { most, least }, premises } = drawOrder(random, "held out");
  const place = random.int(0, 2);
  const wrong = random.pick(people.filter((_, other) => other !== place));
  const after = [`is the ${most}.`, "is in the middle.", `is the ${least}.`][place]!;
  return { before: `${premises} So`, right: people[place]!, wrong, after };
}
