/** Statistics: how sure a figure is, and what a difference says. */
export { bootstrap, type Estimate, type Interval, meanOver, sumOver } from "./bootstrap.ts";
export {
  capabilityRetention,
  overallHalfAndHalf,
  overallMeanOfRatios,
  perplexityRetention,
  taskRecovery,
} from "./formulas.ts";
export { type McNemar, mcNemar, splitProbability } from "./mcnemar.ts";
export {
  type PairedDifference,
  pairedDifference,
  type PairedPerplexity,
  pairedPerplexity,
  type RowLoss,
} from "./paired.ts";
export { type CountedEstimate, measureRetention, type Retention, type RetentionItems } from "./retention.ts";
export {
  type Compared,
  isTold,
  plainSentence,
  plainSentenceOfPerplexity,
  plainSentenceOfScores,
} from "./sentence.ts";
export { mean, sampleDeviation, standardErrorOfMean, standardErrorOfProportion } from "./standard_error.ts";
