/** Likelihoods of continuations, as benchmarks of multiple choice ask for them. */
export {
  type CostOptions,
  type Flops,
  forwardFlops,
  type LikelihoodCost,
  likelihoodCost,
  type Passes,
} from "./cost.ts";
export { type LargestLikelihoods, recordLargest } from "./largest.ts";
export { type LikelihoodOptions, measureLikelihoods } from "./measure.ts";
export { hashModel } from "./model_hash.ts";
export type { Likelihood, LikelihoodRequest } from "./request.ts";
export { type LikelihoodStore, openStore } from "./store.ts";
