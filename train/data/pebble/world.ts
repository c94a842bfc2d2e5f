import { createRandom, hashText, type Random } from "./random.ts";
import * as words from "./words.ts";

/** Fixes which animal lives where, which tool cuts glass, and so on. Changing it makes another world. */
export const WORLD_SEED = 20260;

/** From a word to what the world says of it. */
export type Table<Value = string> = ReadonlyMap<string, Value>;

/** Gives every key a value so that each value is used equally often (or once more than another). */
function assign<Value>(name: string, keys: readonly string[], values: readonly Value[]): Map<string, Value> {
  const random = createRandom(WORLD_SEED, hashText(name));
  const dealt = random.shuffle(keys.map((_, i) => values[i % values.length]!));
  return new Map(keys.map((key, i) => [key, dealt[i]!]));
}

function pairUp(keys: readonly string[], values: readonly string[]): Map<string, string> {
  return new Map(keys.map((key, i) => [key, values[i]!]));
}

const levels = (count: number) => Array.from({ length: count }, (_, level) => level);
const flagAnimals = createRandom(WORLD_SEED, hashText("flag")).sample(words.ANIMALS, words.TOWNS.length);

export const animalSound = pairUp(words.ANIMALS, words.SOUNDS);
export const animalHome = assign("home", words.ANIMALS, words.HOMES);
export const animalFood = assign("food", words.ANIMALS, words.FOODS);
export const animalTrait = assign("trait", words.ANIMALS, words.TRAITS);
export const animalColor = assign("animal color", words.ANIMALS, words.COLORS);
/** Latent: never stated, to be inferred from races and chases. Higher is faster. */
export const animalSpeed = assign("speed", words.ANIMALS, levels(12));

export const jobProduct = pairUp(words.JOBS, words.PRODUCTS);
export const jobTool = assign("job tool", words.JOBS, words.JOB_TOOLS);
export const jobTown = assign("job town", words.JOBS, words.TOWNS);
export const jobDay = assign("job day", words.JOBS, words.DAYS);

export const townRiver = assign("river", words.TOWNS, words.RIVERS);
export const townFlag = pairUp(words.TOWNS, flagAnimals);
export const townColor = assign("town color", words.TOWNS, words.COLORS);

export const objectMaterial = assign("material", words.OBJECTS, words.MATERIALS);
/** Latent: never stated, to be inferred from what fits in what and what is heavier. Higher is larger. */
export const objectSize = assign("size", words.OBJECTS, levels(16));

/** The tool that does `verb` to things of `material`: 20 x 6 cells, each tool in four or five of them, at least five tools a verb. */
export const toolTable: ReadonlyMap<string, Table> = assignTools();

function assignTools(): Map<string, Table> {
  const random = createRandom(WORLD_SEED, hashText("tool"));
  const cells = words.VERBS.flatMap((verb) => words.MATERIALS.map((material) => ({ verb, material })));
  while (true) {
    const dealt = random.shuffle(cells.map((_, i) => words.TOOLS[i % words.TOOLS.length]!));
    const rows = words.VERBS.map((_, row) =>
      dealt.slice(row * words.MATERIALS.length, (row + 1) * words.MATERIALS.length)
    );
    if (rows.some((row) => new Set(row).size < 5)) continue;
    return new Map(words.VERBS.map((verb, row) => [verb, pairUp(words.MATERIALS, rows[row]!)]));
  }
}

/** The tool for doing `verb` to `object`: two hops, by way of what the object is made of. */
export function toolFor(verb: string, object: string): string {
  return toolTable.get(verb)!.get(objectMaterial.get(object)!)!;
}

/**
 * A Zipf-like choice: the key of rank r has weight (r + 1)^-exponent, ranks shuffled once by `name`, so that some keys
 * stay rare and hard for ever.
 */
export function zipf(name: string, keys: readonly string[], exponent: number): (random: Random) => string {
  const ranked = createRandom(WORLD_SEED, hashText(`rank ${name}`)).shuffle(keys);
  let total = 0;
  const sums = ranked.map((_, rank) => total += (rank + 2) ** -exponent);
  return (random) => {
    const target = random.next() * total;
    return ranked[sums.findIndex((sum) => sum > target)]!;
  };
}
