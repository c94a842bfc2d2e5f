import * as words from "./words.ts";
import * as world from "./world.ts";

/** A kind of fact: what it says of each key, in statements, and as a question with its answer where it can be asked. */
export interface Relation {
  name: string;
  /** What the keys are; relations with the same kind share which keys are rare. */
  keyKind: "animal" | "sound" | "job" | "product" | "town" | "object";
  hops: 1 | 2;
  values: world.Table;
  /** `{k}` is the key, `{v}` the value. */
  statements: readonly string[];
  ask?: { question: string; answer: string };
}

const soundAnimal = inverse(world.animalSound);
const productJob = inverse(world.jobProduct);

/** Everything that can be said and asked of the world. */
export const RELATIONS: readonly Relation[] = [
  one("home", "animal", world.animalHome, ["The {k} lives in the {v}.", "In the {v} you may see the {k}."], {
    question: "Where does the {k} live?",
    answer: "in the {v}.",
  }),
  one("food", "animal", world.animalFood, ["The {k} eats {v}.", "People feed {v} to the {k}."], {
    question: "What does the {k} eat?",
    answer: "{v}.",
  }),
  one("trait", "animal", world.animalTrait, ["The {k} is {a v} animal."], {
    question: "What kind of animal is the {k}?",
    answer: "{a v} animal.",
  }),
  one("animal color", "animal", world.animalColor, ["The {k} is {v}.", "Among the {v} animals is the {k}."], {
    question: "What color is the {k}?",
    answer: "{v}.",
  }),
  one("sound", "animal", world.animalSound, ["The {k} {v} at night.", "The animal that {v} is the {k}."]),
  one("product", "job", world.jobProduct, ["The {k} sells {v}.", "People buy {v} from the {k}."], {
    question: "What does the {k} sell?",
    answer: "{v}.",
  }),
  one("job tool", "job", world.jobTool, ["The {k} works with the {v}.", "The {v} is used by the {k}."], {
    question: "What does the {k} work with?",
    answer: "the {v}.",
  }),
  one("job town", "job", world.jobTown, ["The {k} lives in {v}.", "In {v} there is {a k}."], {
    question: "In which town is the {k}?",
    answer: "in {v}.",
  }),
  one("job day", "job", world.jobDay, ["The {k} goes to market on {v}.", "On {v} you can meet the {k}."], {
    question: "On which day does the {k} go to market?",
    answer: "on {v}.",
  }),
  one("river", "town", world.townRiver, [
    "The town {k} lies on the river {v}.",
    "The river {v} flows through {k}.",
  ], {
    question: "On which river is {k}?",
    answer: "the {v}.",
  }),
  one("flag", "town", world.townFlag, ["The flag of {k} shows the {v}.", "The {v} is on the flag of {k}."], {
    question: "Which animal is on the flag of {k}?",
    answer: "the {v}.",
  }),
  one("town color", "town", world.townColor, ["The walls of {k} are {v}."], {
    question: "What color are the walls of {k}?",
    answer: "{v}.",
  }),
  one("material", "object", world.objectMaterial, [
    "The {k} is made of {v}.",
    "From {v} people make the {k}.",
  ], {
    question: "What is the {k} made of?",
    answer: "{v}.",
  }),

  two("sound home", "sound", via(soundAnimal, world.animalHome), "The animal that {k} lives in the {v}.", {
    question: "Where does the animal that {k} live?",
    answer: "in the {v}.",
  }),
  two("sound food", "sound", via(soundAnimal, world.animalFood), "The animal that {k} eats {v}.", {
    question: "What does the animal that {k} eat?",
    answer: "{v}.",
  }),
  two("sound color", "sound", via(soundAnimal, world.animalColor), "The animal that {k} is {v}.", {
    question: "What color is the animal that {k}?",
    answer: "{v}.",
  }),
  two("sound trait", "sound", via(soundAnimal, world.animalTrait), "The animal that {k} is {a v} animal.", {
    question: "What kind of animal is the one that {k}?",
    answer: "{a v} animal.",
  }),
  two("product tool", "product", via(productJob, world.jobTool), "The seller of {k} works with the {v}.", {
    question: "What does the seller of {k} work with?",
    answer: "the {v}.",
  }),
  two("product town", "product", via(productJob, world.jobTown), "The seller of {k} lives in {v}.", {
    question: "In which town is the seller of {k}?",
    answer: "in {v}.",
  }),
  two("product day", "product", via(productJob, world.jobDay), "The seller of {k} goes to market on {v}.", {
    question: "On which day does the seller of {k} go to market?",
    answer: "on {v}.",
  }),
  two("job river", "job", via(world.jobTown, world.townRiver), "The {k} lives near the river {v}.", {
    question: "Which river is near the {k}?",
    answer: "the {v}.",
  }),
  two("job flag", "job", via(world.jobTown, world.townFlag), "The {k} sees the {v} on the flag at home.", {
    question: "Which animal does the {k} see on the flag at home?",
    answer: "the {v}.",
  }),
  two("job town color", "job", via(world.jobTown, world.townColor), "The {k} lives behind {v} walls.", {
    question: "What color are the walls around the {k}?",
    answer: "{v}.",
  }),
  two("flag color", "town", via(world.townFlag, world.animalColor), "The animal on the flag of {k} is {v}.", {
    question: "What color is the animal on the flag of {k}?",
    answer: "{v}.",
  }),
  two(
    "flag trait",
    "town",
    via(world.townFlag, world.animalTrait),
    "The animal on the flag of {k} is {a v} animal.",
    {
      question: "What kind of animal is on the flag of {k}?",
      answer: "{a v} animal.",
    },
  ),
  two("flag food", "town", via(world.townFlag, world.animalFood), "The animal on the flag of {k} eats {v}.", {
    question: "What does the animal on the flag of {k} eat?",
    answer: "{v}.",
  }),
  two(
    "flag home",
    "town",
    via(world.townFlag, world.animalHome),
    "The animal on the flag of {k} lives in the {v}.",
    {
      question: "Where does the animal on the flag of {k} live?",
      answer: "in the {v}.",
    },
  ),
];

/** The keys of each kind, for choosing which to speak of. */
export const KEYS: Readonly<Record<Relation["keyKind"], readonly string[]>> = {
  animal: words.ANIMALS,
  sound: words.SOUNDS,
  job: words.JOBS,
  product: words.PRODUCTS,
  town: words.TOWNS,
  object: words.OBJECTS,
};

function one(
  name: string,
  keyKind: Relation["keyKind"],
  values: world.Table,
  statements: readonly string[],
  ask?: Relation["ask"],
): Relation {
  return { name, keyKind, hops: 1, values, statements, ...(ask && { ask }) };
}

function two(
  name: string,
  keyKind: Relation["keyKind"],
  values: world.Table,
  statement: string,
  ask: NonNullable<Relation["ask"]>,
): Relation {
  return { name, keyKind, hops: 2, values, statements: [statement], ask };
}

function inverse(table: world.Table): Map<string, string> {
  return new Map([...table].map(([key, value]) => [value, key]));
}

function via(first: world.Table, second: world.Table): Map<string, string> {
  return new Map([...first].map(([key, middle]) => [key, second.get(middle)!]));
}
