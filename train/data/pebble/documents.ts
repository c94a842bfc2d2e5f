import { openstax } from "./openstax.ts";
import { createRandom, hashText, type Random } from "./random.ts";
import { stories } from "./stories.ts";
import { webSamples } from "./web.ts";
import { wikihow } from "./wikihow.ts";

/** The subsets of the mixture, named as those of the published recipe. */
export type PebbleSubset = "stories" | "wikihow" | "openstax" | "web_samples_v1";

/** One document and the subset it belongs to. */
export interface PebbleDocument {
  subset: PebbleSubset;
  text: string;
}

const WRITERS: Readonly<Record<PebbleSubset, (random: Random) => string>> = {
  stories,
  wikihow,
  openstax,
  web_samples_v1: webSamples,
};

/** Share of the tokens that each subset has in a mixed stream. */
export const TOKEN_SHARES: Readonly<Record<PebbleSubset, number>> = {
  stories: 0.49,
  wikihow: 0.26,
  openstax: 0.15,
  web_samples_v1: 0.1,
};

/** Tokens of an average document of each subset with its `<bos>` and `<eos>`, measured: token shares divided by these are document shares. */
const MEAN_TOKENS: Readonly<Record<PebbleSubset, number>> = {
  stories: 79.0,
  wikihow: 75.9,
  openstax: 96.7,
  web_samples_v1: 77.0,
};

/** The named streams. Their seeds differ, and so do their documents: each text belongs to one split by its hash. */
export type PebbleSplitName = "pretrain" | "heal" | "validation";

/** A stream of documents that shares no document with the other splits. */
export interface PebbleSplit {
  seed: number;
  /** Whether a text belongs to this split. */
  accepts(text: string): boolean;
}

const SPLIT_COUNT = 16;
const SPLITS: Readonly<
  Record<PebbleSplitName, { seed: number; buckets: readonly [from: number, to: number] }>
> = {
  pretrain: { seed: 1, buckets: [0, 13] },
  heal: { seed: 2, buckets: [14, 14] },
  validation: { seed: 3, buckets: [15, 15] },
};

/**
 * The standard splits: `pretrain` (seed 1, 14/16 of all texts), `heal` (seed 2, 1/16), `validation` (seed 3, 1/16). Whether a
 * text may appear in a split is decided by its hash, so that no text appears in two.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { pebbleSplit } from "./documents.ts";
 *
 * const text = "The dog barks at night.";
 * const owners = (["pretrain", "heal", "validation"] as const).filter((name) => pebbleSplit(name).accepts(text));
 * assert.equal(owners.length, 1);
 * ```
 */
export function pebbleSplit(name: PebbleSplitName): PebbleSplit {
  const { seed, buckets: [from, to] } = SPLITS[name];
  return {
    seed,
    accepts(text) {
      const bucket = hashText(text) % SPLIT_COUNT;
      return bucket >= from && bucket <= to;
    },
  };
}

/** Which documents to make. */
export interface PebbleDocumentOptions {
  seed: number;
  /** How many documents; without it the stream does not end. */
  count?: number;
  /** Only this subset; without it the mixture of `TOKEN_SHARES`. */
  subset?: PebbleSubset;
  /** Texts for which this is false are left out and replaced by the next. */
  accepts?: (text: string) => boolean;
}

/**
 * Documents of the closed world, always the same for the same options.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { pebbleDocuments } from "./documents.ts";
 *
 * const [document] = pebbleDocuments({ seed: 1, count: 1, subset: "stories" });
 * assert.match(document!.text, /^(One day|Once) [A-Z]/);
 * ```
 */
export function* pebbleDocuments(options: PebbleDocumentOptions): Generator<PebbleDocument> {
  const { seed, count = Infinity, subset, accepts = () => true } = options;
  let made = 0;
  for (let stream = 0; made < count; stream++) {
    const random = createRandom(seed, stream);
    const kind = subset ?? chooseSubset(random);
    const text = writeDocument(kind, random);
    if (!accepts(text)) continue;
    made++;
    yield { subset: kind, text };
  }
}

const WORDS_WANTED = 40;

/** Short texts are continued with another of their kind. */
function writeDocument(subset: PebbleSubset, random: Random): string {
  const write = WRITERS[subset];
  let text = write(random);
  while (text.split(" ").length < WORDS_WANTED && random.chance(0.9)) text += `\n${write(random)}`;
  return text;
}

const SUBSETS = Object.keys(TOKEN_SHARES) as PebbleSubset[];
const documentShares = SUBSETS.map((subset) => TOKEN_SHARES[subset] / MEAN_TOKENS[subset]);
const totalShare = documentShares.reduce((sum, share) => sum + share, 0);

function chooseSubset(random: Random): PebbleSubset {
  let rest = random.next() * totalShare;
  return SUBSETS.find((_, i) => (rest -= documentShares[i]!) < 0) ?? SUBSETS.at(-1)!;
}
