import { fill } from "./grammar.ts";
import { heldOut } from "./held_out.ts";
import type { Random } from "./random.ts";
import { ANIMALS, OBJECTS } from "./words.ts";
import { animalSound, animalSpeed, objectSize, zipf } from "./world.ts";

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

type Scale = keyof typeof SCALES;

/** Share of the animals in training text that are called by the sound they make: whose place on the scale is two hops away. */
const BY_SOUND = 0.3;

/** Two things on a latent scale. The forms without a hint in the word order come more often; held-out pairs never. */
export function comparison(random: Random): Choice {
  const kind = random.chance(0.4) ? "size" : "speed";
  const { choose, levels, forms } = SCALES[kind];
  while (true) {
    const [x, y] = [choose(random), choose(random)];
    if (levels.get(x) === levels.get(y) || heldOut(kind, x, y)) continue;
    const form = random.pick(random.chance(0.4) ? forms.slice(0, 2) : forms);
    const call = (thing: string) => kind === "speed" && random.chance(BY_SOUND) ? heard(thing) : thing;
    return compare(kind, x, y, form, call);
  }
}

/** How far apart on a scale the things of a question may stand: what is far apart is learned from few comparisons. */
const NEAR = 3;

/** Every comparison of near things that no text makes, in every form and order. */
export function heldOutComparisons(kind: Scale): Choice[] {
  return heldOutPairs(kind).flatMap(([x, y]) => SCALES[kind].forms.map((form) => compare(kind, x, y, form)));
}

/** The same of animals of which one or both are called by the sound they make. */
export function heldOutComparisonsBySound(): Choice[] {
  return heldOutPairs("speed").flatMap(([x, y]) =>
    [[x], [y], [x, y]].flatMap((unnamed) =>
      SPEED_FORMS.map((form) =>
        compare("speed", x, y, form, (animal) => unnamed.includes(animal) ? heard(animal) : animal)
      )
    )
  );
}

function heldOutPairs(kind: Scale): [x: string, y: string][] {
  const { levels } = SCALES[kind], things = [...levels.keys()];
  const apart = (x: string, y: string) => Math.abs(levels.get(x)! - levels.get(y)!);
  return things.flatMap((x) =>
    things.filter((y) => apart(x, y) > 0 && apart(x, y) <= NEAR && heldOut(kind, x, y))
      .map((y): [string, string] => [x, y])
  );
}

const heard = (animal: string) => `animal that ${animalSound.get(animal)}`;

/** @param call what a thing is called here */
function compare(
  kind: Scale,
  x: string,
  y: string,
  [before, right, after]: Form,
  call = (thing: string) => thing,
): Choice {
  const { levels } = SCALES[kind];
  const [more, less] = levels.get(x)! > levels.get(y)! ? [x, y] : [y, x];
  const called = new Map([x, y].map((thing) => [thing, call(thing)]));
  const [m, l] = [called.get(more)!, called.get(less)!];
  const [fits, other] = right === "m" ? [m, l] : [l, m];
  const words = { x: called.get(x)!, y: called.get(y)!, m, l };
  return { before: fill(before, words), right: `the ${fits}`, wrong: `the ${other}`, after };
}
