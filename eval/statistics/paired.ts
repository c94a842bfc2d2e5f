import { DataError } from "../../engine/mod.ts";
import { bootstrap, type Estimate, meanOver, sumOver } from "./bootstrap.ts";
import { type McNemar, mcNemar } from "./mcnemar.ts";
import { standardErrorOfMean } from "./standard_error.ts";

/** The first model's mean less the second's, over the same items. */
export interface PairedDifference extends Estimate {
  readonly n: number;
  /** Of the mean of the items' differences. */
  readonly stderr: number | null;
  /** Where every item is 0 or 1; null else. */
  readonly mcNemar: McNemar | null;
}

/**
 * Compares two models on the same items, in the same order.
 *
 * @throws {DataError} where one has other items than the other, by their number
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { pairedDifference } from "./paired.ts";
 *
 * const { value, interval, mcNemar } = pairedDifference([1, 1, 0, 1], [0, 1, 0, 0]);
 * assert.equal(value, 0.5);
 * assert.deepEqual(interval, [0, 1]);
 * assert.equal(mcNemar!.p, 0.5);
 * ```
 */
export function pairedDifference(first: readonly number[], second: readonly number[]): PairedDifference {
  requireSameItems("items", first, second);
  const n = first.length, differences = first.map((value, i) => value - second[i]!);
  const [estimate] = bootstrap([n], ([drawn]) => [meanOver(differences, drawn!)]);
  const isBinary = [...first, ...second].every((value) => value === 0 || value === 1);
  return {
    ...estimate!,
    n,
    stderr: standardErrorOfMean(differences),
    mcNemar: isBinary ? mcNemar(first, second) : null,
  };
}

/** A held-out row: the sum of its tokens' losses in nats, and how many they are. */
export interface RowLoss {
  readonly sum: number;
  readonly tokens: number;
}

/** Two models on the same held-out rows. */
export interface PairedPerplexity {
  /** The first's perplexity over the second's. */
  readonly ratio: Estimate;
  /** The first's mean loss less the second's, in nats per token: the ratio's logarithm. */
  readonly crossEntropy: Estimate;
  /** Rows. */
  readonly n: number;
}

/**
 * Compares two models on the same held-out rows. Rows are drawn again whole, as the tokens of a row depend on each other;
 * perplexity is over tokens, so a long row counts for more.
 *
 * @throws {DataError} where the rows of one are not those of the other, by their number and their tokens
 */
export function pairedPerplexity(first: readonly RowLoss[], second: readonly RowLoss[]): PairedPerplexity {
  requireSameItems("rows", first, second);
  const other = first.findIndex(({ tokens }, i) => tokens !== second[i]!.tokens);
  if (other >= 0) {
    throw new DataError(
      `Cannot compare perplexities: row ${other} (from 0) has ${first[other]!.tokens} tokens in one and ${
        second[other]!.tokens
      } in the other; measure both on the same rows`,
    );
  }
  const differences = first.map(({ sum }, i) => sum - second[i]!.sum),
    tokens = first.map(({ tokens }) => tokens);
  const [ratio, crossEntropy] = bootstrap([first.length], ([drawn]) => {
    const difference = sumOver(differences, drawn!) / sumOver(tokens, drawn!);
    return [Math.exp(difference), difference];
  });
  return { ratio: ratio!, crossEntropy: crossEntropy!, n: first.length };
}

function requireSameItems(what: string, first: readonly unknown[], second: readonly unknown[]): void {
  if (first.length > 0 && first.length === second.length) return;
  throw new DataError(
    first.length === 0 && second.length === 0
      ? `Cannot compare two models: there are no ${what}; measure both first`
      : `Cannot compare two models: one has ${first.length} ${what} and the other ${second.length}; ` +
        "measure both on the same ones",
  );
}
