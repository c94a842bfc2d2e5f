/** One token's way through a model, stop by stop, by hand and in f64. */
export { type ExplainRequest, runExplain } from "./explain.ts";
export type { Compared, Explanation, Stop, StreamStep } from "./stop.ts";
export { formatExplanation } from "./text.ts";
