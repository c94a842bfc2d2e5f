/** Likelihoods of continuations, as benchmarks of multiple choice ask for them. */
export { type LikelihoodOptions, measureLikelihoods } from "./measure.ts";
export type { Likelihood, LikelihoodRequest } from "./request.ts";
