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

/**
 * An order of three people (sometimes two), told pair by pair, and what follows from it. A third of the time both
 * pairs run the same way in one chain; else each may be turned around and they come in any order.
 */
export function order(random: Random): string {
  const { more, most, less, least } = random.pick(ADJECTIVES);
  const opening = random.pick(["We know that", "They say that"]);
  const [first, second, third] = random.sample(PEOPLE, 3) as [string, string, string];
  const above = (a: string, b: string) => `${a} is ${more} than ${b}`;
  const below = (a: string, b: string) => `${b} is ${less} than ${a}`;
  if (random.chance(0.2)) {
    const [told, turned] = random.shuffle([above(first, second), below(first, second)]);
    return `${opening} ${told}. So ${turned}.`;
  }
  const chain = random.next();
  const pairs = [[first, second], [second, third]] as const;
  const premises = chain < 0.17
    ? pairs.map(([a, b]) => above(a, b))
    : chain < 0.34
    ? pairs.map(([a, b]) => below(a, b)).reverse()
    : random.shuffle(pairs.map(([a, b]) => random.chance(0.5) ? above(a, b) : below(a, b)));
  const ends = random.shuffle([`${first} is the ${most}`, `${third} is the ${least}`]);
  const conclusions = [
    ...random.sample(
      [above(first, third), below(first, third), `${second} is in the middle`],
      random.int(0, 2),
    ),
    ...ends,
  ];
  return `${opening} ${premises.join(". ")}. ${conclusions.map((text) => `So ${text}.`).join(" ")}`;
}
