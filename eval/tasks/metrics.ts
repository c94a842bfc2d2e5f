/** What is made of the likelihoods of an item, by lm-evaluation-harness's names and definitions (lm_eval/api/task.py). */
import type { Likelihood } from "../likelihood/mod.ts";
import { type Aggregation, mean, perplexity as perplexityOf } from "./aggregations.ts";
import { codePoints } from "./python_text.ts";
import type { Item } from "./item.ts";

/** A number of each item, and how the numbers of all become one. */
export interface Metric {
  readonly name: string;
  readonly higherIsBetter: boolean;
  /** What the number of an item is called, where it is not called like the metric. */
  readonly itemName?: string;
  readonly ofItem: (item: Item, likelihoods: readonly Likelihood[]) => number;
  readonly aggregation: Aggregation;
}

/** Place of the largest value, the first of equals. */
const argmax = (values: readonly number[]): number => values.indexOf(Math.max(...values));

/** Whether the likeliest choice is the right one. */
export const accuracy: Metric = {
  name: "acc",
  higherIsBetter: true,
  ofItem: ({ gold }, likelihoods) =>
    Number(argmax(likelihoods.map(({ logLikelihood }) => logLikelihood)) === gold),
  aggregation: mean,
};

/** Whether the right choice has the largest log-likelihood a character, the space in front of a choice not counted. */
export const normalizedAccuracy: Metric = {
  name: "acc_norm",
  higherIsBetter: true,
  ofItem: ({ gold, requests }, likelihoods) =>
    Number(
      argmax(
        likelihoods.map(({ logLikelihood }, i) =>
          logLikelihood / (codePoints(requests[i]!.continuation) - 1)
        ),
      ) === gold,
    ),
  aggregation: mean,
};

/** Whether greedy decoding would have given the text. */
export const greedyAccuracy: Metric = {
  name: "acc",
  higherIsBetter: true,
  ofItem: (_item, likelihoods) => Number(likelihoods[0]!.isGreedy),
  aggregation: mean,
};

/** Perplexity of a whole text, its tokens together: exp of minus the mean log-likelihood. */
export const perplexity: Metric = {
  name: "perplexity",
  higherIsBetter: false,
  itemName: "log_likelihood",
  ofItem: (_item, likelihoods) => likelihoods[0]!.logLikelihood,
  aggregation: perplexityOf,
};
